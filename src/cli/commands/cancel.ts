import { Command } from 'commander'
import { resume } from '../../engine/build/drive.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import { requestCancel } from '../../app/cancel/request-cancel.js'
import type { CancelOutcome } from '../../app/cancel/request-cancel.js'
import { jsonVersion } from '../../model/wire/common.js'
import { resultJson, resultLine, resultOf, resultProblem } from '../cancel-results.js'
import type { CancelResult } from '../cancel-results.js'
import { chooseOrchestration } from '../../app/history/choose-orchestration.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { CommonFlags } from '../flags/common-options.js'
import type { Context } from '../process/context.js'
import { driveToEnd } from '../../app/run/drive-to-end.js'
import type { Driven } from '../../app/run/drive-to-end.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { createSilentFrontend } from '../connect/frontend.js'
import { loadGraph } from '../connect/graph-file.js'
import { readHistory } from '../../app/history/read-history.js'
import type { Store } from '../../ports/store.js'
import { openStore } from '../connect/open-store.js'
import type { Result } from '../../app/problem.js'
import { workConnected } from '../connect/session.js'
import type { Session } from '../connect/session.js'
import { listenForSignals } from '../process/signals.js'
import { takeOver } from '../../app/history/take-over.js'
import type { TakenOver } from '../../app/history/take-over.js'
import type { Messages } from '../output/messages.js'

export interface CancelFlags extends CommonFlags {
  json?: boolean
}

/** `orch cancel`: cancels the runs of an orchestration on GitHub and ends it, whoever drives it. */
export function cancelCommand(run: (named: string | undefined, flags: CancelFlags) => Promise<void>): Command {
  const command = new Command('cancel')
    .description('cancel the runs of an unfinished orchestration on GitHub, and end it')
    .argument('[id|branch]', 'the orchestration, or the branch of those meant (default: the latest unfinished one)')
  return addCommonOptions(command)
    .option('--json', 'one JSON document')
    .action((named: string | undefined, flags: CancelFlags) => run(named, flags))
}

export async function cancelOrchestrations(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: CancelFlags,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const { warnings } = loaded.value
  const store = openStore(context, loaded.value)
  if (warnings !== '') messages.stderr.write(warnings)
  const chosen = await chooseMeant(store, named)
  if (!chosen.ok) return messages.reportProblems(chosen.problems)
  const wishes = await askDrivers(context, messages, store, chosen.value)
  if (wishes === null) return exitCodes.interrupted
  let code: ExitCode = exitCodes.success
  if ([...wishes.values()].some(({ kind }) => kind === 'abandoned')) {
    code = await workConnected({
      context,
      messages,
      flags,
      loaded: loaded.value,
      work: async (session) => {
        for (const [id, { kind }] of wishes) {
          if (kind === 'abandoned') wishes.set(id, await endAbandoned(context, messages, session, id))
        }
        return exitCodes.success
      },
    })
  }
  const results = chosen.value.map((entry) => toResult(entry, wishes.get(entry.id)))
  const told = await print(messages, results, flags.json === true)
  return code === exitCodes.success ? told : code
}

/** Those that are to be cancelled. Of a branch without any unfinished one it is the newest: it may have been cancelled already. */
async function chooseMeant(store: Store, named: string | undefined): Promise<Result<readonly RecordedOrchestration[]>> {
  if (named !== undefined) {
    const history = await readHistory(store)
    const ofBranch = history.filter((entry) => isOfBranch(entry, named))
    const unfinished = ofBranch.filter(({ state }) => state !== 'finished')
    if (unfinished.length > 0) return { ok: true, value: unfinished }
    const [newest] = ofBranch
    if (newest) return { ok: true, value: [newest] }
  }
  const chosen = await chooseOrchestration(store, named, 'cancel')
  return chosen.ok ? { ok: true, value: [chosen.value] } : chosen
}

function isOfBranch(entry: HistoryEntry, branch: string): entry is RecordedOrchestration {
  return entry.state !== 'unreadable' && entry.orchestration.plan.branch === branch
}

type Wishes = Map<string, CancelOutcome>

/** Asks the processes that drive them, all at once; null: the reader did not wait for their answers. */
async function askDrivers(
  context: Context,
  messages: Messages,
  store: Store,
  chosen: readonly RecordedOrchestration[],
): Promise<Wishes | null> {
  const stopper = new AbortController()
  const signals = listenForSignals(context, () => context.exit(exitCodes.interrupted))
  const interrupted = signals.interrupted.then((signal) => {
    stopper.abort()
    return signal
  })
  const asking = Promise.all(
    chosen.map(
      async ({ id }) =>
        [
          id,
          await requestCancel({ store, clock: context.clock, id, note: messages.note, signal: stopper.signal }),
        ] as const,
    ),
  )
  try {
    const answer = await Promise.race([asking, interrupted])
    if (typeof answer !== 'string') return new Map(answer)
    await asking
    messages.reportProblems([
      {
        kind: 'interrupted',
        message: `stopped waiting at ${answer}`,
        why: 'the processes that were asked to end go on doing so',
        remedy: 'orch list tells what became of them.',
      },
    ])
    return null
  } finally {
    signals.stop()
  }
}

/** How often another process may come in between before this is given up. */
const rounds = 5

/** Cancels what nobody drives: this process takes it over and interrupts it at once. */
async function endAbandoned(
  context: Context,
  messages: Messages,
  session: Session,
  id: string,
): Promise<CancelOutcome> {
  const { store } = session
  for (let round = 0; round < rounds; round += 1) {
    const taken = await takeOver(store, id)
    if (taken.kind === 'taken') return toWish(id, await interrupt(context, session, taken.value))
    if (taken.kind === 'unreadable') return { kind: 'not-ended', problem: taken.problem }
    if (taken.kind === 'finished')
      return { kind: 'ended', orchestration: { ...taken.orchestration, ending: taken.ending } }
    // Somebody resumed it in the meantime.
    const asked = await requestCancel({ store, clock: context.clock, id, note: messages.note })
    if (asked.kind !== 'abandoned') return asked
  }
  const why = 'one process after the other takes it over and leaves it'
  const message = `the orchestration ${id} was not cancelled`
  return { kind: 'not-ended', problem: { kind: 'failed', message, why, remedy: 'Cancel it again.' } }
}

function toWish(id: string, driven: Driven): CancelOutcome {
  if (driven.kind === 'ended') return driven
  const { tokenRefusal } = driven.orchestration
  const message = `the orchestration ${id} was not cancelled: GitHub does not accept the token any more`
  const why = tokenRefusal?.failure.message ?? 'it was refused'
  return {
    kind: 'not-ended',
    problem: { kind: 'auth', message, why, remedy: 'Give a valid token, then cancel it again.' },
  }
}

/** Ends an orchestration in this process; nothing of it is shown. */
function interrupt(context: Context, session: Session, { journal, orchestration }: TakenOver): Promise<Driven> {
  return driveToEnd({
    host: session.connection.github,
    clock: context.clock,
    frontend: createSilentFrontend(context, session),
    journal,
    begin: (ports) => {
      const running = resume(ports, orchestration)
      running.cancel('orch cancel')
      return running
    },
  })
}

function toResult({ id, orchestration }: RecordedOrchestration, wish: CancelOutcome | undefined): CancelResult {
  if (wish?.kind === 'ended') return resultOf(wish.orchestration, orchestration.ending !== null)
  const problem = wish?.kind === 'not-ended' ? wish.problem : null
  return { id, branch: orchestration.plan.branch, kind: 'not-ended', problem }
}

async function print(messages: Messages, results: readonly CancelResult[], asJson: boolean): Promise<ExitCode> {
  const problems = results.flatMap((result) => resultProblem(result) ?? [])
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
