import type { Access } from '../../ports/host/access.js'
import type { Changes } from '../../ports/host/changes.js'
import type { Rules } from '../../ports/host/rules.js'
import type { Setup } from '../../ports/host/setup.js'

/** What `orch setup` needs of the host. */
export type SetupHost = Pick<Changes, 'readChange' | 'login'> & Access & Rules & Setup
