import type { ProcessContext } from './process.js'

/** What is journaled before a request that must not be repeated. */
export interface Intent<Event> {
  /** The key of the action: the request is sent only while the action is pending. */
  key: string
  /** Built when the request may leave, because it may hold the time of that moment. */
  event: () => Event
  /**
   * For a port that asks again after an answer that proves that the request had no effect (a rate limit): whether the request is still
   * wanted, and whether its intent is journaled once more. Left out: it is wanted while the action is pending, and journaled once more.
   */
  again?: { isWanted: () => boolean; isJournaled: boolean }
}

/**
 * The one door of law 2: a request that starts something is sent at most once, whatever fails. The event of the intent is journaled at
 * the moment when the limiter lets the request go, never earlier: then a process that is resumed from the journal knows of every request that
 * may have left, and of none that still waited. When the action is not pending any more at that moment, or the journal cannot be written,
 * nothing is sent. The port asks a second time only after proven absence.
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
