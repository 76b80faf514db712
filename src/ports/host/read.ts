import type { Failure } from '../../model/failure.js'

/** A value, or why there is none. */
export type Read<T> = { ok: true; value: T } | { ok: false; failure: Failure }
