import { sanitize } from '../../lib/sanitize.js'
import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { Failure } from '../../model/failure.js'
import type { EventOf } from '../event-of.js'

/** One line of the plain forms: its subject, one or two words, the rest. All text is sanitized. */
export interface PlainLine {
  subject: string
  word: string
  text: string
}

/** The lines of one type of event; none if it does not concern a reader. */
export type LineFormatter<Type extends Event['type']> = (
  event: EventOf<Type>,
  orchestration: Orchestration,
) => PlainLine[]

/** A formatter for each of these types of events. */
export type LineFormatters<Types extends Event['type']> = { readonly [Type in Types]: LineFormatter<Type> }

export function failureText({ message, remedy }: Failure): string {
  return [message, ...(remedy === undefined ? [] : [remedy])].map(sanitize).join('; ')
}
