import { outputSafe } from '../../lib/sanitize.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { JobOutcome } from '../../model/build/state/job-state.js'
import type { RepoName } from '../../model/repo-name.js'
import { pullRequestResults } from '../views/pull-request-results.js'

/** A workflow run that a job of the graph ended with. */
interface StepRun {
  job: string
  repository: RepoName
  runId: number
  /** GitHub's re-run counter; null: it was not read. */
  runAttempt: number | null
  /** Page of the run; null: it was not read. */
  url: string | null
  outcome: JobOutcome
}

/**
 * The step outputs of an orchestration, documented in docs/output.md. `result`, `orchestration` and `digest` are the names that the Action
 * promises; `outcome`, `orchestration-id` and `set-digest` are the older names of the same values.
 * @param randomToken as in `GitHubActionsOptions`
 */
export function stepOutputs(orchestration: Orchestration, ending: Ending, randomToken: () => string): string {
  const { id, plan } = orchestration
  const unlocked = pullRequestResults(orchestration)
    .filter(({ outcome }) => outcome === 'unlocked')
    .map(({ repo, headSha, pullRequest }) => ({
      repository: repo,
      number: pullRequest.number,
      url: pullRequest.url,
      headSha,
    }))
  const values = {
    outcome: ending.outcome,
    'orchestration-id': id,
    'set-digest': plan.setDigest,
    unlocked: JSON.stringify(unlocked),
    result: ending.outcome,
    orchestration: id,
    digest: plan.setDigest,
    runs: JSON.stringify(runsOf(orchestration)),
  }
  return Object.entries(values)
    .map(([name, value]) => outputSafe(name, value, `orch_${randomToken()}`))
    .join('')
}

function runsOf({ plan, jobs }: Orchestration): StepRun[] {
  return plan.graph.jobs.flatMap(({ id, repo }) => {
    const state = jobs.get(id)
    if (state?.phase !== 'settled' || state.runId === null) return []
    const { runId, runAttempt, url, outcome } = state
    return [{ job: id, repository: repo, runId, runAttempt, url, outcome }]
  })
}
