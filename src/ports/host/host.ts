import type { Builds } from './builds.js'
import type { Changes } from './changes.js'
import type { Events } from './events.js'
import type { Statuses } from './statuses.js'

/** Everything that orch needs of the host of repositories, pull requests and builds. */
export type Host = Changes & Builds & Statuses & Events
