import type { RepoName } from '../../model/repo-name.js'
import type { CancelResult, RerunResult, RunReading } from '../../ports/host/builds.js'
import type { WriteOptions } from '../../ports/host/write-options.js'
import { createSendGate } from '../limits/before-send.js'
import { toNodeId, toWorkflowRun } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, isNotFound, provesNoEffect, type Requests } from '../api/requests.js'

/** A run and its GraphQL id; null: the answer has none. */
export interface NamedRun {
  reading: RunReading
  nodeId: string | null
}

/** The request for one run: GET /repos/{owner}/{repo}/actions/runs/{run_id}, of its latest attempt. */
export function askForRun(repo: RepoName, runId: number): Ask {
  return {
    repo,
    need: needs.readRuns,
    thing: `workflow run ${runId} of ${repo}`,
    path: repoPath(repo, 'actions', 'runs', runId),
    parameters: { exclude_pull_requests: true },
  }
}

/** Reads one run and its GraphQL id. */
export async function readNamedRun(requests: Requests, repo: RepoName, runId: number): Promise<NamedRun> {
  const ask = askForRun(repo, runId)
  const answer = await requests.get(ask)
  if (isNotFound(answer)) return { reading: { kind: 'absent' }, nodeId: null }
  const named = interpret(ask, answer, (body) => ({ run: toWorkflowRun(body), nodeId: toNodeId(body) }))
  if (!named.ok) return { reading: { kind: 'unreadable', failure: named.failure }, nodeId: null }
  const { run, nodeId } = named.value
  return { reading: { kind: 'run', run }, nodeId }
}

/**
 * POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel or …/force-cancel: 202, or 409 if nothing is left to cancel.
 * Repeated after a transient failure: a second cancel finds the run cancelled already.
 */
export async function cancelRun(
  requests: Requests,
  repo: RepoName,
  runId: number,
  { force, urgent }: WriteOptions & { force: boolean },
): Promise<CancelResult> {
  const answer = await requests.post(
    {
      repo,
      need: needs.cancelRun,
      thing: `workflow run ${runId} of ${repo}`,
      path: repoPath(repo, 'actions', 'runs', runId, force ? 'force-cancel' : 'cancel'),
    },
    { lane: urgent ? 'urgent' : 'cancel', repeat: 'failures' },
  )
  if (answer.ok) return { kind: 'requested' }
  const isFinished = answer.failure.kind === 'invalid-request' && answer.failure.httpStatus === 409
  return isFinished ? { kind: 'finished' } : { kind: 'failed', failure: answer.failure }
}

/**
 * POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs: 201, or 403 if the run is not completed or cannot be run again.
 * Rejects with what `beforeSend` rejected with.
 */
export async function rerunFailedJobs(
  requests: Requests,
  repo: RepoName,
  runId: number,
  beforeSend: () => Promise<boolean>,
): Promise<RerunResult> {
  const gate = createSendGate(beforeSend)
  const answer = await requests.post(
    {
      repo,
      need: needs.rerun,
      thing: `workflow run ${runId} of ${repo}`,
      path: repoPath(repo, 'actions', 'runs', runId, 'rerun-failed-jobs'),
    },
    { lane: 'cancel', repeat: 'limits', gate },
  )
  const leave = gate.state()
  if (leave.kind === 'broken') throw leave.error
  if (answer.ok) return { kind: 'accepted' }
  if (answer.isWithheld) return { kind: 'withheld' }
  return { kind: provesNoEffect(answer) ? 'refused' : 'ambiguous', failure: answer.failure }
}
