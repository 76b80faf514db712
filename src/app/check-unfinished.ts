import type { Graph } from '../model/graph.js'
import type { Store } from '../ports/store.js'
import type { Stopped } from './problem.js'
import { findUnfinished, resumeAdvice } from './history/unfinished.js'

export interface CheckUnfinishedOptions {
  store: Store
  graph: Graph
  branch: string
  /** The event that the run handles; null: none. */
  eventKey: string | null
}

export type UnfinishedCheck =
  /** No orchestration of the branch is unfinished. */
  | { kind: 'none' }
  /** An orchestration for the same event is unfinished, and no process drives it: resume it instead of starting a new one. */
  | { kind: 'resume'; id: string }
  | Stopped

/** Whether a run of the branch may start. An unfinished orchestration refuses it, because a second one would build everything twice. */
export async function checkUnfinished(options: CheckUnfinishedOptions): Promise<UnfinishedCheck> {
  const { store, graph, branch, eventKey } = options
  const unfinished = await findUnfinished(store, branch)
  if (!unfinished) return { kind: 'none' }
  const { id, driver, orchestration } = unfinished
  if (eventKey !== null && orchestration.options.eventKey === eventKey && driver === null) {
    const { prepareResume } = await import('./resume-orchestration.js')
    const resumable = await prepareResume({ store, graph, named: id, force: false })
    return resumable.ok ? { kind: 'resume', id } : { kind: 'stopped', problems: resumable.problems }
  }
  const remedy = `${resumeAdvice(unfinished)} To leave it and start a new one: orch run ${branch} --new`
  const why = driver === null ? 'the process that drove it has ended' : `${driver.name} drives it`
  const message = `the orchestration ${id} of ${branch} is unfinished`
  return { kind: 'stopped', problems: [{ kind: 'failed', message, why, remedy }] }
}
