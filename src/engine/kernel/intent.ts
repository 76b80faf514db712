import type { ProcessContext } from './process.js'

/** An entry that is journaled before a request that must not be repeated. */
export interface Intent<Event> {
  /** The key of the action: the request is sent only while the action is pending. */
  key: string
  /** Called when the request may leave, because the event may contain the time at which it leaves. */
  event: () => Event
  /**
   * Used when the port calls `beforeSend` again, after an answer that proves that the request had no effect (a rate limit): whether
   * the request is still wanted, and whether its intent is journaled again. Default: it is wanted while the action is pending, and it
   * is journaled again.
   */
  again?: { isWanted: () => boolean; isJournaled: boolean }
}

/**
 * Enforces law 2: a request that starts a run, or has another lasting effect, is sent at most once, even after a failure. The intent is
 * journaled when the limiter releases the request, never earlier. A process that is resumed from the journal therefore knows every
 * request that may have left, and no request that was still queued. Nothing is sent when the action is no longer pending at that time
 * or the journal cannot be written. The port calls `beforeSend` a second time only after GitHub has proven that the request had no effect.
 */
export function withIntent<State, Event extends object, Action, Result>(
  { pending, emitIntent }: Pick<ProcessContext<State, Event, Action>, 'pending' | 'emitIntent'>,
  { key, event, again }: Intent<Event>,
  send: (beforeSend: () => Promise<boolean>) => Promise<Result>,
): Promise<Result> {
  const isPending = (): boolean => pending(key) !== undefined
  let isJournaled = false
  return send(async () => {
    if (isJournaled && again?.isJournaled === false) return again.isWanted()
    const isWanted = isJournaled && again ? again.isWanted : isPending
    const isAllowed = await emitIntent(isWanted, event())
    isJournaled ||= isAllowed
    return isAllowed
  })
}
