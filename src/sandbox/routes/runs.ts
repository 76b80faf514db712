import { matchesQuery } from '../core/run-filter.js'
import { currentAttempt } from '../core/runs.js'
import { findWorkflow } from '../core/workflows.js'
import type { Answer } from '../http/answer.js'
import { failure, json, notFound } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { paged, pageOf, readPage } from '../http/pagination.js'
import { presentRun } from '../present/run.js'
import type { Repository, RunAttempt, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'

const read = permission('actions', 'read')
const write = permission('actions', 'write')
const RUN = '/actions/runs/{run_id}'

/** Time after its creation during which a run can be rerun (ms). */
const RERUN_PERIOD = 30 * 86_400_000

/** Conclusions of runs without a failed or cancelled job. */
const NOTHING_FAILED: readonly (string | null)[] = ['success', 'neutral', 'skipped']

/** Workflow runs. */
export const runRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/actions/runs', permissions: [read], handle: listRuns },
  { method: 'GET', path: '/actions/workflows/{workflow_id}/runs', permissions: [read], handle: listWorkflowRuns },
  { method: 'GET', path: RUN, permissions: [read], handle: getRun },
  { method: 'GET', path: `${RUN}/attempts/{attempt_number}`, permissions: [read], handle: getAttempt },
  { method: 'POST', path: `${RUN}/cancel`, permissions: [write], handle: (call) => cancel(call, false) },
  { method: 'POST', path: `${RUN}/force-cancel`, permissions: [write], handle: (call) => cancel(call, true) },
  { method: 'POST', path: `${RUN}/rerun`, permissions: [write], handle: (call) => rerun(call, false) },
  { method: 'POST', path: `${RUN}/rerun-failed-jobs`, permissions: [write], handle: (call) => rerun(call, true) },
]

/** Finds the run that a call names; undefined if it belongs to another repository or is hidden from the caller. */
export function findRun(call: RepositoryCall): WorkflowRun | undefined {
  const run = call.world.directory.state.runs.get(Number(call.params.run_id))
  return run?.repositoryId === call.repository.id && isShown(call, run) ? run : undefined
}

/** Returns whether the caller sees a run. A fault can hide the latest runs. */
export function isShown({ runsUntil }: RepositoryCall, run: WorkflowRun): boolean {
  return run.createdAt <= runsUntil
}

/** Finds the attempt that a call names. */
export function findAttempt(call: RepositoryCall, run: WorkflowRun): RunAttempt | undefined {
  return run.attempts.find((attempt) => attempt.number === Number(call.params.attempt_number))
}

async function shown(world: World, repository: Repository, run: WorkflowRun, attempt: RunAttempt): Promise<unknown> {
  const commit = await world.git.readCommit(repository.id, run.headSha)
  if (commit === null) throw new Error(`the commit ${run.headSha} of run ${run.id} is gone`)
  return presentRun(world, repository, { run, attempt, commit })
}

function listRuns(call: RepositoryCall): Promise<Answer> {
  return answerRuns(call, () => true)
}

async function listWorkflowRuns(call: RepositoryCall): Promise<Answer> {
  const file = await findWorkflow(call.world, call.repository, call.params.workflow_id ?? '')
  if (file === null) return notFound()
  return answerRuns(call, (run) => run.workflowId === file.workflow.id)
}

async function answerRuns(call: RepositoryCall, isWanted: (run: WorkflowRun) => boolean): Promise<Answer> {
  const { world, repository, query } = call
  const runs = repository.runIds
    .toReversed()
    .flatMap((id) => world.directory.state.runs.get(id) ?? [])

    .filter((run) => isShown(call, run) && isWanted(run) && matchesQuery(world, run, query))
  const page = pageOf(runs, readPage(query))
  const shownRuns = await Promise.all(page.map((run) => shown(world, repository, run, currentAttempt(run))))
  return paged(call, runs.length, { total_count: runs.length, workflow_runs: shownRuns })
}

async function getRun(call: RepositoryCall): Promise<Answer> {
  const run = findRun(call)
  return run === undefined ? notFound() : json(await shown(call.world, call.repository, run, currentAttempt(run)))
}

async function getAttempt(call: RepositoryCall): Promise<Answer> {
  const run = findRun(call)
  const attempt = run && findAttempt(call, run)
  return attempt === undefined || run === undefined
    ? notFound()
    : json(await shown(call.world, call.repository, run, attempt))
}

function cancel(call: RepositoryCall, force: boolean): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  if (currentAttempt(run).status === 'completed') {
    return failure(409, `Cannot ${force ? 'force ' : ''}cancel a workflow run that is completed.`)
  }
  call.world.runs.cancel(run, force)
  return json({}, 202)
}

function rerun(call: RepositoryCall, failedOnly: boolean): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  const { status, conclusion } = currentAttempt(run)
  if (status !== 'completed') return failure(403, 'This workflow is already running')
  if (failedOnly && NOTHING_FAILED.includes(conclusion)) return failure(403, 'This workflow run cannot be retried')
  if (call.world.clock.now() - run.createdAt > RERUN_PERIOD) {
    return failure(403, 'Unable to retry this workflow run because it was created over a month ago')
  }
  call.world.runs.start(run, requireActor(call).account, failedOnly)
  return json({}, 201)
}
