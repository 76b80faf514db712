import type { Failure } from '../../model/failure.js'

/** A value that was read, or the failure. */
export type Read<T> = { ok: true; value: T } | { ok: false; failure: Failure }
