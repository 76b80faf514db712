import { Command } from 'commander'
import { begin } from '../../engine/apply.js'
import { resume } from '../../engine/drive.js'
import { journalPath, reopenFileJournal } from '../../journal/file-journal.js'
import { readJournal } from '../../journal/read-journal.js'
import type { Event } from '../../model/events.js'
import type { Orchestration } from '../../model/orchestration.js'
import { addCommonOptions } from '../common-options.js'
import type { CommonFlags } from '../common-options.js'
import type { Context } from '../context.js'
import { driveToEnd } from '../drive-to-end.js'
import { exitCodes } from '../exit-codes.js'
import type { ExitCode } from '../exit-codes.js'
import { graphChanges } from '../graph-changes.js'
import type { LoadedGraph } from '../graph-file.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'
import { withConnection } from '../session.js'
import type { Messages } from '../terminal-messages.js'
import { findUnfinished, foldJournal } from '../unfinished.js'

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
      const opened = await reopenFileJournal(session.loaded.stateDirectory, id, wholeBytes, context.processes)
      if (opened.kind === 'held') return messages.tellProblems(heldProblem(id, opened.pid).problems)
      return driveToEnd(context, messages, session, {
        journal: opened.journal,
        asJson: flags.json === true,
        introduce: (reporter) => {
          const [first] = events
          if (first?.type === 'started') reporter.report(first, begin(first))
        },
        begin: (ports) => resume(ports, orchestration.plan.graph, orchestration),
      })
    },
  })
}

async function prepareResume(
  context: Context,
  loaded: LoadedGraph,
  named: string | undefined,
  isForced: boolean,
): Promise<Result<Resumable>> {
  const id = named ?? (await findUnfinished(context, loaded.stateDirectory, null))?.id
  if (id === undefined) {
    const why = 'every orchestration kept here has ended, or none was ever started'
    return stop(usageProblem('there is nothing to go on with', why, 'Start one with orch run, or look at orch list.'))
  }
  const read = await readResumable(loaded.stateDirectory, id)
  if (!read.ok) return read
  const { ending, plan } = read.value.orchestration
  if (ending) {
    const why = `it ended ${ending.outcome}: ${ending.reason}`
    return stop(usageProblem(`the orchestration ${id} is finished`, why, `Start a new one: orch run ${plan.branch}`))
  }
  const changes = graphChanges(plan.graph, loaded.graph)
  if (changes.length === 0 || isForced) return read
  const why = `since it began, ${changes.join('; ')}`
  const remedy = `Undo that, or go on with the graph it began with: orch resume ${id} --force`
  return stop(usageProblem(`the graph file is not the one of the orchestration ${id}`, why, remedy))
}

async function readResumable(stateDirectory: string, id: string): Promise<Result<Resumable>> {
  const isId = /^[a-z0-9]+$/u.test(id)
  const reading = isId ? await readJournal(stateDirectory, id) : { kind: 'absent' as const }
  const path = journalPath(stateDirectory, id)
  switch (reading.kind) {
    case 'absent': {
      const why = isId ? `there is no ${path}` : 'an id is made of small letters and digits'
      return stop(usageProblem(`there is no orchestration ${id} here`, why, 'orch list shows those that there are.'))
    }
    case 'newer':
      return stop({
        exitCode: exitCodes.notSuccessful,
        message: `the journal ${path} was written by a newer orch`,
        why: `its format is version ${reading.version}`,
        remedy: 'Go on with the orch that wrote it. Nothing was changed.',
      })
    case 'damaged':
      return damaged(path, `line ${reading.line}: ${reading.problem}`)
    case 'read': {
      const { events, wholeBytes } = reading
      const folded = foldJournal(events)
      if (!folded.ok) return damaged(path, folded.problem)
      return { ok: true, value: { id, events, wholeBytes, orchestration: folded.orchestration } }
    }
  }
}

function damaged(path: string, problem: string): Result<never> {
  return stop({
    exitCode: exitCodes.notSuccessful,
    message: `the journal ${path} is damaged`,
    why: `${problem}; it was edited, or the disk lost something`,
    remedy: 'Look at its builds on GitHub, then start anew with orch run --anew. Nothing was changed.',
  })
}

function heldProblem(id: string, pid: number) {
  return stop({
    exitCode: exitCodes.notSuccessful,
    message: `process ${pid} drives the orchestration ${id}`,
    why: 'two processes would write one journal',
    remedy: `Let it end, or interrupt it: kill -INT ${pid}`,
  })
}
