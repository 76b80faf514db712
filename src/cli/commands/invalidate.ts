import { Command } from 'commander'
import { checkBranch } from '../../app/choose-branch.js'
import { invalidateChange } from '../../app/invalidate-change.js'
import type { InvalidateChangeResult } from '../../app/invalidate-change.js'
import type { Result } from '../../app/problem.js'
import { statusLink } from '../../app/run/status-link.js'
import type { Invalidation } from '../../model/invalidation.js'
import { withConnection } from '../connect/session.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'

export interface InvalidateFlags extends CommonFlags {
  reason: string
  dryRun?: boolean
  json?: boolean
}

/** `orch invalidate`: locks the pull requests of a change, or of all changes, again. */
export function invalidateCommand(
  action: (branch: string | undefined, flags: InvalidateFlags) => Promise<void>,
): Command {
  const command = new Command('invalidate')
    .description('lock the pull requests of a change again, because something changed')
    .argument('[branch]', 'branch of the change (default: every branch that `branches` matches)')
  return addCommonOptions(command)
    .option('--reason <text>', 'what changed; shown on the pull requests', 'invalidated by hand')
    .option('--dry-run', 'show what would be locked, without changing anything')
    .option('--json', 'one JSON document')
    .action((branch: string | undefined, flags: InvalidateFlags) => action(branch, flags))
}

export async function invalidate(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: InvalidateFlags,
): Promise<ExitCode> {
  return withConnection<string | null>(context, messages, flags, {
    prepare: ({ graph }): Result<string | null> =>
      named === undefined ? { ok: true, value: null } : checkBranch(graph, named),
    work: async ({ loaded: { graph }, store, connection: { github: host, serverUrl } }, branch) => {
      const { env, clock, random } = context
      const { kind, invalidation } = await invalidateChange({
        host,
        clock,
        random,
        store,
        graph,
        branch,
        reason: flags.reason,
        link: statusLink({ env, serverUrl, branch }),
        isDryRun: flags.dryRun === true,
      })
      await print(messages, invalidation, flags.json === true)
      return exitCodeByKind[kind]
    },
  })
}

const exitCodeByKind: Record<InvalidateChangeResult['kind'], ExitCode> = {
  done: exitCodes.success,
  incomplete: exitCodes.notSuccessful,
  auth: exitCodes.authentication,
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
