import { Command } from 'commander'
import { begin } from '../../engine/apply.js'
import { resume } from '../../engine/drive.js'
import { reopenFileJournal } from '../../journal/file-journal.js'
import { readJournal } from '../../journal/read-journal.js'
import type { Event } from '../../model/events.js'
import type { Orchestration } from '../../model/orchestration.js'
import type { RecordedOrchestration } from '../../report/orchestration-view.js'
import { addCommonOptions } from '../common-options.js'
import type { CommonFlags } from '../common-options.js'
import type { Context } from '../context.js'
import { driveToEnd } from '../drive-to-end.js'
import { exitCodes } from '../exit-codes.js'
import type { ExitCode } from '../exit-codes.js'
import { graphChanges } from '../graph-changes.js'
import type { LoadedGraph } from '../graph-file.js'
import { findOrchestration, readHistory } from '../history.js'
import { stop, usageProblem } from '../problem.js'
import type { CommandProblem, Result } from '../problem.js'
import { withConnection } from '../session.js'
import type { Messages } from '../terminal-messages.js'
import { findUnfinished } from '../unfinished.js'

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

interface Resumable {
  id: string
  events: readonly Event[]
  orchestration: Orchestration
  wholeBytes: number
}

export async function resumeOrchestration(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: ResumeFlags,
): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: (loaded) => prepareResume(context, loaded, named, flags.force === true),
    work: async (session, resumable) => {
      const { id, events, orchestration, wholeBytes } = resumable
      const opened = await reopenFileJournal(session.loaded.historyDirectory, id, wholeBytes, context.processes)
      if (opened.kind === 'held') return messages.tellProblems(heldProblem(id, opened.pid).problems)
      const { exitCode } = await driveToEnd(context, messages, session, {
        journal: opened.journal,
        asJson: flags.json === true,
        introduce: (reporter) => {
          const [first] = events
          if (first?.type === 'started') reporter.report(first, begin(first))
        },
        begin: (ports) => resume(ports, orchestration.plan.graph, orchestration),
      })
      return exitCode
    },
  })
}

async function prepareResume(
  context: Context,
  loaded: LoadedGraph,
  named: string | undefined,
  isForced: boolean,
): Promise<Result<Resumable>> {
  const entry = await chooseEntry(context, loaded.historyDirectory, named)
  if (!entry.ok) return entry
  const { id, orchestration } = entry.value
  const { plan } = orchestration
  const changes = graphChanges(plan.graph, loaded.graph)
  if (changes.length === 0 || isForced) return readResumable(loaded.historyDirectory, id, orchestration)
  const why = `since it began, ${changes.join('; ')}`
  const remedy = `Undo that, or go on with the graph it began with: orch resume ${id} --force`
  return stop(usageProblem(`the graph file is not the one of the orchestration ${id}`, why, remedy))
}

/** The orchestration that is meant, if it can be gone on with. */
async function chooseEntry(
  context: Context,
  stateDirectory: string,
  named: string | undefined,
): Promise<Result<RecordedOrchestration>> {
  if (named === undefined) {
    const latest = await findUnfinished(context, stateDirectory, null)
    if (latest) return latest.pid === null ? { ok: true, value: latest } : heldProblem(latest.id, latest.pid)
    const why = 'every orchestration kept here has ended, or none was ever started'
    return stop(usageProblem('there is nothing to go on with', why, 'Start one with orch run, or look at orch list.'))
  }
  const found = findOrchestration(await readHistory(context, stateDirectory), named)
  if (!found.ok) return found
  const entry = found.value
  if (entry.state === 'unreadable') {
    const { path, problem, remedy } = entry
    return stop({ exitCode: exitCodes.notSuccessful, message: `${path} cannot be gone on with`, why: problem, remedy })
  }
  if (entry.pid !== null) return heldProblem(entry.id, entry.pid)
  const { ending, plan } = entry.orchestration
  if (!ending) return { ok: true, value: entry }
  const why = `it ended ${ending.outcome}: ${ending.reason}`
  return stop(
    usageProblem(`the orchestration ${entry.id} is finished`, why, `Start a new one: orch run ${plan.branch}`),
  )
}

async function readResumable(
  stateDirectory: string,
  id: string,
  orchestration: Orchestration,
): Promise<Result<Resumable>> {
  const reading = await readJournal(stateDirectory, id)
  if (reading.kind !== 'read') throw new Error(`the journal of ${id} became ${reading.kind} while it was read`)
  const { events, wholeBytes } = reading
  return { ok: true, value: { id, events, wholeBytes, orchestration } }
}

function heldProblem(id: string, pid: number): { ok: false; problems: readonly CommandProblem[] } {
  return stop({
    exitCode: exitCodes.notSuccessful,
    message: `process ${pid} drives the orchestration ${id}`,
    why: 'two processes would write one journal',
    remedy: `Let it end, or interrupt it: kill -INT ${pid}`,
  })
}
