import type { Event } from '../model/build/events.js'

/** The events of these types. */
export type EventOf<Type extends Event['type']> = Extract<Event, { type: Type }>
