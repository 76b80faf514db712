import type { InvalidateChangeResult } from '../../app/invalidate-change.js'
import type { PlannedRun } from '../../app/plan-run.js'
import type { Problem } from '../../app/problem.js'
import type { ReadStatusResult } from '../../app/read-status.js'
import { assertNever } from '../../lib/assert-never.js'
import type { ChangeCommands, Requester } from './change-commands.js'
import type { CommandName } from './parse-command.js'

/** What a command came to. */
export type CommandOutcome =
  /** `isNew` false: the same request has queued it before. */
  | { kind: 'queued'; workload: string; isNew: boolean }
  | { kind: 'planned'; planned: PlannedRun }
  | { kind: 'status'; result: ReadStatusResult }
  /** `count`: how many runs were asked to end. */
  | { kind: 'cancelled'; count: number }
  | { kind: 'invalidated'; result: InvalidateChangeResult }
  /** Nothing was done. */
  | { kind: 'stopped'; problems: readonly Problem[] }

export interface CommandRequest {
  name: CommandName
  branch: string
  by: Requester
  /** Identifies the request: a run is queued once for it. */
  eventId: string
}

export async function executeCommand(
  commands: ChangeCommands,
  { name, branch, by, eventId }: CommandRequest,
): Promise<CommandOutcome> {
  switch (name) {
    case 'run': {
      const run = await commands.run(branch, by, eventId)
      return run.kind === 'stopped' ? run : { kind: 'queued', workload: run.workload, isNew: run.kind === 'created' }
    }
    case 'plan': {
      const planned = await commands.plan(branch)
      return planned.kind === 'stopped' ? planned : { kind: 'planned', planned }
    }
    case 'status':
      return { kind: 'status', result: await commands.status(branch) }
    case 'cancel':
      return { kind: 'cancelled', count: (await commands.cancel(branch, by)).count }
    case 'invalidate':
      return { kind: 'invalidated', result: await commands.invalidate(branch, by) }
    default:
      return assertNever(name)
  }
}
