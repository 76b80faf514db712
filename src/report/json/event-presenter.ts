import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { EventLine } from '../../model/wire/event-line.js'
import type { EventJson } from '../../model/wire/run-events.js'
import type { EventOf } from '../event-of.js'

/** Completes the line of one type of event. */
export type EventPresenter<Type extends Event['type']> = (
  line: EventLine<Type>,
  event: EventOf<Type>,
  orchestration: Orchestration,
) => Extract<EventJson, { type: Type }>

/** A presenter for each of these types of events. */
export type EventPresenters<Types extends Event['type']> = { readonly [Type in Types]: EventPresenter<Type> }
