import { Command, Option } from 'commander'
import { checkBranch } from '../../app/choose-branch.js'
import type { Result } from '../../app/problem.js'
import type { Check, CheckId } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import { loadGraph } from '../connect/graph-file.js'
import { workConnected } from '../connect/session.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import { currentBranch } from '../process/current-branch.js'

export interface DoctorFlags extends CommonFlags {
  fix?: boolean
  json?: boolean
}

/** `orch doctor`: checks everything that a run needs. */
export function doctorCommand(action: (branch: string | undefined, flags: DoctorFlags) => Promise<void>): Command {
  const command = new Command('doctor')
    .description('check everything that a run needs, and say how to fix it: exit code 0 if nothing fails')
    .argument('[branch]', 'branch of a change to check as well (default: the current git branch, if it is one)')
  return addCommonOptions(command)
    .addOption(new Option('--fix', 'offer orch setup, if it can fix what failed').conflicts('json'))
    .option('--json', 'one JSON document')
    .action((branch: string | undefined, flags: DoctorFlags) => action(branch, flags))
}

export async function examineSetup(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: DoctorFlags,
): Promise<ExitCode> {
  const { checkGraph, checkNode, checkWorkflow, connectionFailed, examine, graphFileFailed } =
    await import('../../app/doctor/late.js')
  const node = checkNode(process.versions.node)
  let shown: readonly Check[] = []
  const show = (checks: readonly Check[]): Promise<ExitCode> => {
    shown = checks
    return print(messages, checks, flags.json === true)
  }
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return show([...loaded.problems.map(graphFileFailed), node])
  const { graph, warnings } = loaded.value
  const branch = await branchToCheck(context, graph, named)
  if (!branch.ok) return messages.reportProblems(branch.problems)
  const local = [checkGraph(graph, warnings), node]
  const code = await workConnected({
    context,
    messages,
    flags,
    loaded: loaded.value,
    refuse: (problems) => show([...local, ...problems.map(connectionFailed)]),
    work: async ({ connection: { github: host } }) => {
      const options = { host, clock: context.clock, graph, branch: branch.value, checkWorkflow }
      return show([...local, ...(await examine(options))])
    },
  })
  const canBeSetUp = shown.some(({ id, status }) => status === 'failed' && fixedBySetup.has(id))
  if (flags.fix !== true || !canBeSetUp) return code
  const { setUp } = await import('./setup.js')
  messages.stdout.write('\n')
  return setUp(context, messages, flags)
}

/** What `orch setup` makes. */
const fixedBySetup: ReadonlySet<CheckId> = new Set(['workflow-file', 'ruleset'])

/** The branch that is named; else the current one if it is that of a change; else null. */
async function branchToCheck(
  context: Context,
  graph: Graph,
  named: string | undefined,
): Promise<Result<string | null>> {
  if (named !== undefined) return checkBranch(graph, named)
  const current = await currentBranch(context)
  const isOfChange = current !== null && checkBranch(graph, current).ok
  return { ok: true, value: isOfChange ? current : null }
}

async function print(messages: Messages, checks: readonly Check[], asJson: boolean): Promise<ExitCode> {
  if (asJson) {
    const [{ jsonDocument }, { checksToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/doctor-json.js'),
    ])
    messages.stdout.write(jsonDocument(checksToJson(checks)))
  } else {
    const { renderChecks } = await import('../../report/views/doctor-view.js')
    messages.stdout.write(renderChecks(checks, messages.view))
  }
  // What is not known is not known to be right.
  const isWrong = checks.some(({ status }) => status === 'failed' || status === 'unknown')
  return isWrong ? exitCodes.notSuccessful : exitCodes.success
}
