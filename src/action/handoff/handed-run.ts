import { parseJson } from '../../lib/parse-json.js'
import { ownerProblem, repositoryProblem } from '../../model/repo-name.js'

/** A run whose artifact holds what its job hands on. */
export interface HandedRun {
  job: string
  repository: string
  runId: number
  artifact: string
}

/** More jobs than a job can need within GitHub's limit of inputs. */
const maxRuns = 1_000

/** A value, or why there is none, as a sentence without its full stop. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; problem: string }

/**
 * Reads the input `handoff` of a workflow. Empty: nothing is handed on, as in a run that a person started.
 * @param job only the run of this job; empty: all of them
 */
export function parseHandedRuns(input: string, job: string): Outcome<HandedRun[]> {
  if (input.trim() === '') return { ok: true, value: [] }
  const parsed = parseJson(input)
  if (!parsed.ok) return refuse(`the input "handoff" is not valid JSON: ${parsed.problem}`)
  if (!Array.isArray(parsed.value) || parsed.value.length > maxRuns) {
    return refuse(`the input "handoff" is not a list of at most ${maxRuns} runs`)
  }
  const runs: HandedRun[] = []
  for (const [index, entry] of (parsed.value as unknown[]).entries()) {
    const run = parseRun(entry)
    if (run === null) {
      return refuse(`entry ${index} of the input "handoff" is not { job, repository, run_id, artifact }`)
    }
    if (job === '' || run.job === job) runs.push(run)
  }
  return { ok: true, value: runs }
}

function parseRun(entry: unknown): HandedRun | null {
  if (typeof entry !== 'object' || entry === null) return null
  const { job, repository, run_id: runId, artifact } = entry as Record<string, unknown>
  if (typeof job !== 'string' || typeof artifact !== 'string' || artifact === '') return null
  if (typeof repository !== 'string' || !isRepository(repository)) return null
  if (typeof runId !== 'number' || !Number.isSafeInteger(runId) || runId <= 0) return null
  return { job, repository, runId, artifact }
}

function isRepository(text: string): boolean {
  const [owner = '', name = '', rest] = text.split('/')
  return rest === undefined && ownerProblem(owner) === undefined && repositoryProblem(name) === undefined
}

function refuse(problem: string): { ok: false; problem: string } {
  return { ok: false, problem }
}
