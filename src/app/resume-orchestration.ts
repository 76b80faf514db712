import { resume } from '../engine/build/drive.js'
import { begin } from '../engine/build/state/apply.js'
import type { Driver } from '../model/build/history.js'
import type { Ending, Orchestration } from '../model/build/orchestration.js'
import type { Graph } from '../model/graph.js'
import type { Store } from '../ports/store.js'
import { chooseOrchestration } from './history/choose-orchestration.js'
import { takeOver } from './history/take-over.js'
import type { TakeOver } from './history/take-over.js'
import { usageProblem } from './problem.js'
import type { Problem, Stopped } from './problem.js'
import { driveToEnd } from './run/drive-to-end.js'
import type { DriveOptions, Driven } from './run/drive-to-end.js'
import { graphChanges } from './run/graph-changes.js'

export interface PrepareResumeOptions {
  store: Store
  /** The graph as it is now. */
  graph: Graph
  /** The id, or how it begins; undefined: the latest unfinished orchestration. */
  named: string | undefined
  /** Resume although the graph has changed: the orchestration keeps its own graph. */
  force: boolean
}

/** Whether an orchestration can be resumed, before it is taken over: another process may come first. */
export async function prepareResume(options: PrepareResumeOptions): Promise<{ kind: 'ready'; id: string } | Stopped> {
  const { store, graph, named, force } = options
  const chosen = await chooseOrchestration(store, named, 'resume')
  if (!chosen.ok) return { kind: 'stopped', problems: chosen.problems }
  const { id, driver, orchestration } = chosen.value
  if (driver) return stopped(heldProblem(id, driver))
  if (orchestration.ending) return stopped(finishedProblem(orchestration, orchestration.ending))
  const changes = graphChanges(orchestration.plan.graph, graph)
  if (changes.length === 0 || force) return { kind: 'ready', id }
  const why = `since it began, ${changes.join('; ')}`
  const remedy = `Undo that, or resume with the graph it began with: orch resume ${id} --force`
  return stopped(usageProblem(`the graph file is not the one of the orchestration ${id}`, why, remedy))
}

export interface ResumeOrchestrationOptions extends DriveOptions {
  store: Store
  id: string
}

/** Takes an unfinished orchestration over and drives it to its end. */
export async function resumeOrchestration(options: ResumeOrchestrationOptions): Promise<Driven | Stopped> {
  const { host, clock, frontend, store, id } = options
  const taken = await takeOver(store, id)
  if (taken.kind !== 'taken') return stopped(takeOverProblem(id, taken))
  const { journal, first, orchestration } = taken.value
  return driveToEnd({
    host,
    clock,
    frontend,
    journal,
    introduce: (reporter) => reporter.report(first, begin(first)),
    begin: (ports) => resume(ports, orchestration),
  })
}

function stopped(problem: Problem): Stopped {
  return { kind: 'stopped', problems: [problem] }
}

/** Another process may have taken it over, or ended it, since it was chosen. */
function takeOverProblem(id: string, taken: Exclude<TakeOver, { kind: 'taken' }>): Problem {
  switch (taken.kind) {
    case 'held':
      return heldProblem(id, taken.driver)
    case 'finished':
      return finishedProblem(taken.orchestration, taken.ending)
    case 'unreadable':
      return taken.problem
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
    remedy: `Let it end, watch it: orch watch ${id}, or end it: orch cancel ${id}`,
  }
}
