import { begin } from '../engine/build/state/apply.js'
import { resume } from '../engine/build/drive.js'
import type { Driver } from '../model/build/history.js'
import type { Ending, Orchestration } from '../model/build/orchestration.js'
import type { Graph } from '../model/graph.js'
import type { Store } from '../ports/store.js'
import { chooseOrchestration } from './history/choose-orchestration.js'
import { takeOver } from './history/take-over.js'
import { stop, usageProblem } from './problem.js'
import type { Problem, Result, Stopped } from './problem.js'
import { driveToEnd } from './run/drive-to-end.js'
import type { DriveOptions, Driven } from './run/drive-to-end.js'
import { graphChanges } from './run/graph-changes.js'

export interface PrepareResumeOptions {
  store: Store
  /** The graph of the graph file as it is now. */
  graph: Graph
  /** The id of an orchestration; undefined: the latest unfinished one. */
  named: string | undefined
  /** Resume although the graph file has changed. */
  force: boolean
}

/** The ID of an orchestration that can be resumed, as far as this is known before its journal is taken over. */
export async function prepareResume({ store, graph, named, force }: PrepareResumeOptions): Promise<Result<string>> {
  const entry = await chooseOrchestration(store, named, 'resume')
  if (!entry.ok) return entry
  const { id, driver, orchestration } = entry.value
  if (driver) return stop(heldProblem(id, driver))
  if (orchestration.ending) return stop(finishedProblem(orchestration, orchestration.ending))
  const changes = graphChanges(orchestration.plan.graph, graph)
  if (changes.length === 0 || force) return { ok: true, value: id }
  const why = `since it began, ${changes.join('; ')}`
  const remedy = `Undo that, or resume with the graph it began with: orch resume ${id} --force`
  return stop(usageProblem(`the graph file is not the one of the orchestration ${id}`, why, remedy))
}

export interface ResumeOptions extends DriveOptions {
  store: Store
  id: string
}

/** Takes an unfinished orchestration over and drives it to its end, with the graph it began with. Dispatches no job twice. */
export async function resumeOrchestration(options: ResumeOptions): Promise<Driven | Stopped> {
  const { store, id } = options
  const taken = await takeOver(store, id)
  switch (taken.kind) {
    case 'taken': {
      const { journal, first, orchestration } = taken.value
      return driveToEnd({
        ...options,
        journal,
        introduce: (reporter) => reporter.report(first, begin(first)),
        begin: (ports) => resume(ports, orchestration),
      })
    }
    case 'held':
      return stopped(heldProblem(id, taken.driver))
    case 'finished':
      return stopped(finishedProblem(taken.orchestration, taken.ending))
    case 'unreadable':
      return stopped(taken.problem)
  }
}

function stopped(problem: Problem): Stopped {
  return { kind: 'stopped', problems: [problem] }
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
    remedy: `Let it end, watch it with orch watch ${id}, or end it: orch cancel ${id}`,
  }
}
