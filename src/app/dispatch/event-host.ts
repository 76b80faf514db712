import type { Builds } from '../../ports/host/builds.js'
import type { Events } from '../../ports/host/events.js'

/** What sending an event and waiting for its runs needs of the host. */
export type EventHost = Events & Pick<Builds, 'findRuns' | 'readRun' | 'nextReadingAt' | 'cancelRun' | 'serverTime'>
