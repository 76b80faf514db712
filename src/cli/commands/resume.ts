import { Command } from 'commander'
import { begin } from '../../engine/build/state/apply.js'
import { resume } from '../../engine/build/drive.js'
import type { Driver } from '../../model/build/history.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import { chooseOrchestration } from '../../app/history/choose-orchestration.js'
import { addCommonOptions } from '../common-options.js'
import type { CommonFlags } from '../common-options.js'
import type { Context } from '../context.js'
import { driveToEnd, exitCodeOfDriven } from '../drive-to-end.js'
import type { ExitCode } from '../exit-codes.js'
import { graphChanges } from '../graph-changes.js'
import type { LoadedGraph } from '../graph-file.js'
import { stop, usageProblem } from '../../app/problem.js'
import type { Problem, Result } from '../../app/problem.js'
import type { Store } from '../../ports/store.js'
import { openStore } from '../open-store.js'
import { withConnection } from '../session.js'
import type { Session } from '../session.js'
import { takeOver } from '../../app/history/take-over.js'
import type { TakenOver } from '../../app/history/take-over.js'
import type { Messages } from '../terminal-messages.js'

export interface ResumeFlags extends CommonFlags {
  json?: boolean
  force?: boolean
}

/** `orch resume`: goes on with an orchestration whose process ended before it did. */
export function resumeCommand(run: (id: string | undefined, flags: ResumeFlags) => Promise<void>): Command {
  const command = new Command('resume')
    .description('go on with an unfinished orchestration, dispatching nothing twice')
    .argument('[id]', 'id of the orchestration (default: the latest unfinished one)')
  return addCommonOptions(command)
    .option('--json', 'one JSON event per line')
    .option('--force', 'go on although the graph file has changed; the graph it began with counts')
    .action((id: string | undefined, flags: ResumeFlags) => run(id, flags))
}

export async function resumeOrchestration(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: ResumeFlags,
): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: (loaded) => prepareResume(context, loaded, named, flags.force === true),
    work: (session, id) => goOn(context, messages, session, id, flags.json === true),
  })
}

/** Takes an unfinished orchestration over and drives it to its end. */
export async function goOn(
  context: Context,
  messages: Messages,
  session: Session,
  id: string,
  asJson: boolean,
): Promise<ExitCode> {
  const taken = await takeOverUnfinished(session.store, id)
  if (!taken.ok) return messages.reportProblems(taken.problems)
  const { journal, first, orchestration } = taken.value
  const driven = await driveToEnd(context, messages, session, {
    journal,
    asJson,
    introduce: (reporter) => reporter.report(first, begin(first)),
    begin: (ports) => resume(ports, orchestration.plan.graph, orchestration),
  })
  return exitCodeOfDriven(driven)
}

/** The id of what can be gone on with, as far as that can be told before its journal is taken over. */
export async function prepareResume(
  context: Context,
  loaded: LoadedGraph,
  named: string | undefined,
  isForced: boolean,
): Promise<Result<string>> {
  const entry = await chooseOrchestration(openStore(context, loaded), named, 'resume')
  if (!entry.ok) return entry
  const { id, driver, orchestration } = entry.value
  if (driver) return stop(heldProblem(id, driver))
  if (orchestration.ending) return stop(finishedProblem(orchestration, orchestration.ending))
  const changes = graphChanges(orchestration.plan.graph, loaded.graph)
  if (changes.length === 0 || isForced) return { ok: true, value: id }
  const why = `since it began, ${changes.join('; ')}`
  const remedy = `Undo that, or go on with the graph it began with: orch resume ${id} --force`
  return stop(usageProblem(`the graph file is not the one of the orchestration ${id}`, why, remedy))
}

/** What had it in the meantime may have ended it. */
async function takeOverUnfinished(store: Store, id: string): Promise<Result<TakenOver>> {
  const taken = await takeOver(store, id)
  switch (taken.kind) {
    case 'taken':
      return { ok: true, value: taken.value }
    case 'held':
      return stop(heldProblem(id, taken.driver))
    case 'finished':
      return stop(finishedProblem(taken.orchestration, taken.ending))
    case 'unreadable':
      return stop(taken.problem)
  }
}

function finishedProblem({ id, plan }: Orchestration, { outcome, reason }: Ending): Problem {
  const why = `it ended ${outcome}: ${reason}`
  return usageProblem(`the orchestration ${id} is finished`, why, `Start a new one: orch run ${plan.branch}`)
}

function heldProblem(id: string, { name }: Driver): Problem {
  return {
    kind: 'failed',
    message: `${name} drives the orchestration ${id}`,
    why: 'two processes would write one journal',
    remedy: `Let it end, follow it with orch watch ${id}, or end it: orch cancel ${id}`,
  }
}
