import { Command } from 'commander'
import { checkStatus } from '../../engine/build/check-status.js'
import { isAuthFailure } from '../../model/failure.js'
import type { ChangeStatus } from '../../model/change-status.js'
import { repositoriesOf } from '../../model/graph.js'
import { chooseBranch } from '../branch.js'
import type { CommonFlags } from '../common-options.js'
import { addCommonOptions } from '../common-options.js'
import type { Context } from '../context.js'
import type { ExitCode } from '../exit-codes.js'
import { exitCodes } from '../exit-codes.js'
import type { LoadedGraph } from '../graph-file.js'
import type { Result } from '../../app/problem.js'
import { withConnection } from '../session.js'
import type { Messages } from '../terminal-messages.js'

export interface StatusFlags extends CommonFlags {
  json?: boolean
}

/** `orch status`: where a change stands. */
export function statusCommand(run: (branch: string | undefined, flags: StatusFlags) => Promise<void>): Command {
  const command = new Command('status')
    .description('say where a change stands: exit code 0 all green and matching, 8 pending, 1 otherwise')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addCommonOptions(command)
    .option('--json', 'one JSON document')
    .action((branch: string | undefined, flags: StatusFlags) => run(branch, flags))
}

export async function showStatus(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  const prepare = ({ graph }: LoadedGraph): Promise<Result<string>> => chooseBranch(context, graph, named)
  return withConnection(context, messages, flags, {
    prepare,
    work: async ({ loaded: { graph }, connection }, branch) => {
      const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: [] }))
      const query = { branch, statusContext: graph.statusContext, repositories }
      const status = checkStatus(graph, branch, await connection.github.readChange(query))
      await print(messages, status, flags.json === true)
      return exitCodeFor(status)
    },
  })
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

function exitCodeFor({ verdict, repositories }: ChangeStatus): ExitCode {
  if (repositories.some((row) => row.kind === 'unreadable' && isAuthFailure(row.failure)))
    return exitCodes.authentication
  if (verdict === 'green') return exitCodes.success
  return verdict === 'pending' ? exitCodes.pending : exitCodes.notSuccessful
}
