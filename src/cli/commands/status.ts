import { Command } from 'commander'
import { chooseBranch } from '../../app/choose-branch.js'
import { readStatus } from '../../app/read-status.js'
import type { ReadStatusResult } from '../../app/read-status.js'
import type { ChangeStatus } from '../../model/change-status.js'
import { withConnection } from '../connect/session.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import { currentBranch } from '../process/current-branch.js'

export interface StatusFlags extends CommonFlags {
  json?: boolean
}

/** `orch status`: shows the state of a change. */
export function statusCommand(action: (branch: string | undefined, flags: StatusFlags) => Promise<void>): Command {
  const command = new Command('status')
    .description('show the state of a change: exit code 0 all green and matching, 8 pending, 1 otherwise')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addCommonOptions(command)
    .option('--json', 'one JSON document')
    .action((branch: string | undefined, flags: StatusFlags) => action(branch, flags))
}

export async function showStatus(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: ({ graph }) => chooseBranch({ graph, named, currentBranch: () => currentBranch(context) }),
    work: async ({ loaded: { graph }, connection }, branch) => {
      const { kind, status } = await readStatus({ host: connection.github, graph, branch })
      await print(messages, status, flags.json === true)
      return exitCodeByKind[kind]
    },
  })
}

const exitCodeByKind: Record<ReadStatusResult['kind'], ExitCode> = {
  green: exitCodes.success,
  pending: exitCodes.pending,
  'not-green': exitCodes.notSuccessful,
  auth: exitCodes.authentication,
  'near-miss': exitCodes.usage,
}

async function print(messages: Messages, status: ChangeStatus, asJson: boolean): Promise<void> {
  if (asJson) {
    const [{ jsonDocument }, { changeStatusToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/change-status-json.js'),
    ])
    messages.stdout.write(jsonDocument(changeStatusToJson(status)))
  } else {
    const { renderChangeStatus } = await import('../../report/views/change-status-view.js')
    messages.stdout.write(renderChangeStatus(status, messages.view))
  }
}
