import { Command } from 'commander'
import { checkBranch, exampleBranch } from '../../app/choose-branch.js'
import { invalidateChange } from '../../app/invalidate-change.js'
import type { InvalidateChangeResult } from '../../app/invalidate-change.js'
import type { Result } from '../../app/problem.js'
import { stop, usageProblem } from '../../app/problem.js'
import { statusLink } from '../../app/run/status-link.js'
import type { Graph } from '../../model/graph.js'
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
  ifChanged?: boolean
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
    .option('--if-changed', 'only if a pull request is unlocked although `orch status` is not green')
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
    prepare: ({ graph }) => chooseBranches(graph, named, flags.ifChanged === true),
    work: async ({ loaded: { graph }, store, connection: { github: host, serverUrl } }, branch) => {
      const { env, clock, random } = context
      const { kind, invalidation } = await invalidateChange({
        host,
        clock,
        random,
        store,
        graph,
        branch,
        onlyIfChanged: flags.ifChanged === true,
        reason: flags.reason,
        link: statusLink({ env, serverUrl, branch }),
        isDryRun: flags.dryRun === true,
      })
      await print(messages, invalidation, flags.json === true)
      return exitCodeByKind[kind]
    },
  })
}

/** The named branch; null: every branch that matches `branches`. */
function chooseBranches(graph: Graph, named: string | undefined, onlyIfChanged: boolean): Result<string | null> {
  if (named !== undefined) return checkBranch(graph, named)
  if (!onlyIfChanged) return { ok: true, value: null }
  const why = 'it compares the statuses of one change with that change'
  const remedy = `Name the branch: orch invalidate ${exampleBranch(graph)} --if-changed`
  return stop(usageProblem('--if-changed needs a branch', why, remedy))
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
