import { Command } from 'commander'
import { invalidate } from '../../engine/build/invalidate.js'
import { isAuthFailure } from '../../model/failure.js'
import type { Invalidation } from '../../model/invalidation.js'
import { createId } from '../../model/build/orchestration-id.js'
import { checkBranch } from '../branch.js'
import type { CommonFlags } from '../common-options.js'
import { addCommonOptions } from '../common-options.js'
import type { Context } from '../context.js'
import type { ExitCode } from '../exit-codes.js'
import { exitCodes } from '../exit-codes.js'
import type { LoadedGraph } from '../graph-file.js'
import { statusLink } from '../link.js'
import type { Result } from '../../app/problem.js'
import { withConnection } from '../session.js'
import { readRecent, unlockedHeadsIn } from '../unfinished.js'
import type { Messages } from '../terminal-messages.js'

export interface InvalidateFlags extends CommonFlags {
  reason: string
  dryRun?: boolean
  json?: boolean
}

/** `orch invalidate`: locks the pull requests of a change, or of all changes, again. */
export function invalidateCommand(run: (branch: string | undefined, flags: InvalidateFlags) => Promise<void>): Command {
  const command = new Command('invalidate')
    .description('lock the pull requests of a change again, because something changed')
    .argument('[branch]', 'branch of the change (default: every branch that `branches` matches)')
  return addCommonOptions(command)
    .option('--reason <text>', 'what changed; shown on the pull requests', 'invalidated by hand')
    .option('--dry-run', 'say what would be locked, and write nothing')
    .option('--json', 'one JSON document')
    .action((branch: string | undefined, flags: InvalidateFlags) => run(branch, flags))
}

export async function invalidateChange(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: InvalidateFlags,
): Promise<ExitCode> {
  const prepare = ({ graph }: LoadedGraph): Result<string | null> =>
    named === undefined ? { ok: true, value: null } : checkBranch(graph, named)
  return withConnection(context, messages, flags, {
    prepare,
    work: async ({ loaded: { graph, historyDirectory }, connection }, branch) => {
      const invalidation = await invalidate(connection.github, graph, {
        id: createId(context.clock.now(), context.random),
        branch,
        reason: flags.reason,
        link: statusLink(context, connection.serverUrl, branch),
        isDryRun: flags.dryRun === true,
        earlierHeads: unlockedHeadsIn(await readRecent(context, historyDirectory), branch),
      })
      await print(messages, invalidation, flags.json === true)
      return exitCodeFor(invalidation)
    },
  })
}

async function print(messages: Messages, invalidation: Invalidation, asJson: boolean): Promise<void> {
  if (asJson) {
    const [{ jsonDocument }, { invalidationToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/invalidation-json.js'),
    ])
    messages.stdout.write(jsonDocument(invalidationToJson(invalidation)))
  } else {
    const { renderInvalidation } = await import('../../report/views/invalidation-view.js')
    messages.stdout.write(renderInvalidation(invalidation, messages.view))
  }
}

/** Whatever failed is in the report already; a lacking permission has a code of its own only when nothing else failed. */
function exitCodeFor({ pullRequests, unreadable, earlierHeads }: Invalidation): ExitCode {
  const failures = [
    ...pullRequests.flatMap(({ result }) => (result.kind === 'failed' ? [result.failure] : [])),
    ...unreadable.map(({ failure }) => failure),
    ...earlierHeads.failures,
  ]
  if (failures.length === 0) return exitCodes.success
  return failures.every(isAuthFailure) ? exitCodes.authentication : exitCodes.notSuccessful
}
