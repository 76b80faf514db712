import type { Builds } from './builds.js'
import type { Changes } from './changes.js'
import type { Statuses } from './statuses.js'

/** All that orch needs of the place where repositories, pull requests and builds live. */
export type Host = Changes & Builds & Statuses
