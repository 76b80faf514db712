import { Command } from 'commander'
import { cancelOrchestrations } from '../../app/cancel-orchestrations.js'
import { jsonVersion } from '../../model/wire/common.js'
import { resultProblem } from '../../app/cancel/cancel-result.js'
import type { CancelResult } from '../../app/cancel/cancel-result.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { CommonFlags } from '../flags/common-options.js'
import { createSilentFrontend } from '../connect/frontend.js'
import type { Context } from '../process/context.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { withGraph } from '../connect/with-graph.js'
import { openStore } from '../connect/open-store.js'
import { workConnected } from '../connect/session.js'
import { listenForSignals } from '../process/signals.js'
import type { Messages } from '../output/messages.js'

export interface CancelFlags extends CommonFlags {
  json?: boolean
}

/** `orch cancel`: cancels the runs of an orchestration on GitHub and ends it, whether or not a process drives it. */
export function cancelCommand(action: (named: string | undefined, flags: CancelFlags) => Promise<void>): Command {
  const command = new Command('cancel')
    .description('cancel the runs of an unfinished orchestration on GitHub, and end it')
    .argument(
      '[id|branch]',
      'id of the orchestration, its first or last characters, or a branch (default: the latest unfinished one)',
    )
  return addCommonOptions(command)
    .option('--json', 'one JSON document')
    .action((named: string | undefined, flags: CancelFlags) => action(named, flags))
}

/** Cancels orchestrations and prints the result of each. */
export async function cancel(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: CancelFlags,
): Promise<ExitCode> {
  return withGraph(context, messages, flags, (loaded) => cancelIn(context, messages, loaded, { named, flags }))
}

async function cancelIn(
  context: Context,
  messages: Messages,
  loaded: LoadedGraph,
  { named, flags }: { named: string | undefined; flags: CancelFlags },
): Promise<ExitCode> {
  const { clock } = context
  const asJson = flags.json === true
  const interruption = listenForInterruption(context)
  const failures: ExitCode[] = []
  const cancellation = await cancelOrchestrations({
    store: openStore(context, loaded),
    clock,
    named,
    note: messages.note,
    signal: interruption.signal,
    connect: async (work) => {
      interruption.stop()
      const code = await workConnected({
        context,
        messages,
        flags,
        loaded,
        work: async (session) => {
          const frontend = createSilentFrontend(context, session)
          await work({ host: session.connection.github, clock, frontend })
          return exitCodes.success
        },
      })
      if (code !== exitCodes.success) failures.push(code)
    },
  }).finally(interruption.stop)
  if (cancellation.kind === 'stopped') return messages.reportProblems(cancellation.problems)
  const printed = await print(messages, cancellation.results, asJson)
  return failures[0] ?? printed
}

/** The first signal stops the waiting, the second one ends the process. */
function listenForInterruption(context: Context): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const signals = listenForSignals(context, () => context.exit(exitCodes.interrupted))
  void signals.interrupted.then((signal) => controller.abort(signal))
  return { signal: controller.signal, stop: signals.stop }
}

async function print(messages: Messages, results: readonly CancelResult[], asJson: boolean): Promise<ExitCode> {
  const problems = results.flatMap((result) => resultProblem(result) ?? [])
  const { resultJson, resultLine } = await import('../output/cancel-results.js')
  if (asJson) {
    const { jsonDocument } = await import('../../report/json/json.js')
    messages.stdout.write(jsonDocument({ version: jsonVersion, orchestrations: results.map(resultJson) }))
    return problems.length > 0 ? exitCodes.notSuccessful : exitCodes.success
  }
  for (const result of results) {
    const line = resultLine(result, messages.view)
    if (line !== null) messages.stdout.write(`${line}\n`)
  }
  return problems.length > 0 ? messages.reportProblems(problems) : exitCodes.success
}
