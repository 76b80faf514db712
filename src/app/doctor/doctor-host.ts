import type { Access } from '../../ports/host/access.js'
import type { Host } from '../../ports/host/host.js'
import type { Rules } from '../../ports/host/rules.js'
import type { Server } from '../../ports/host/server.js'
import type { WorkflowTexts } from '../../ports/host/workflow-texts.js'

/** What `orch doctor` needs of the host. */
export type DoctorHost = Host & Access & Rules & Server & WorkflowTexts
