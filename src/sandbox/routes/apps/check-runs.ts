import { addCheckRun, changeCheckRun } from '../../checks/change-check-runs.js'
import { findCheckRun, latestCheckRuns } from '../../checks/check-runs.js'
import { readCheckRun } from '../../checks/check-run-input.js'
import { resolveCommit } from '../../core/revisions.js'
import { currentAttempt } from '../../core/runs.js'
import type { Answer, Result } from '../../http/answer.js'
import { created, failure, found, json, notFound, refuse } from '../../http/answer.js'
import { readFields } from '../../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../../http/call.js'
import { permission, requireActor } from '../../http/call.js'
import { paged, pageOf, readPage } from '../../http/pagination.js'
import { ACTIONS_APP_ID, presentCheckRun, presentJobAsCheckRun } from '../../present/check-run.js'
import type { App } from '../../state/app-model.js'
import type { CheckRun } from '../../state/check-run.js'

const read = permission('checks', 'read')
const write = permission('checks', 'write')
const CHECK_RUN = '/check-runs/{check_run_id}'

/** Check runs. Only Apps write them; those of GitHub Actions are the jobs of workflow runs. */
export const checkRunRoutes: RepositoryRoute[] = [
  { method: 'POST', path: '/check-runs', permissions: [write], handle: createCheckRun },
  { method: 'GET', path: CHECK_RUN, permissions: [read], handle: getCheckRun },
  { method: 'PATCH', path: CHECK_RUN, permissions: [write], handle: updateCheckRun },
  { method: 'GET', path: '/commits/{ref}/check-runs', permissions: [read], handle: listCheckRuns },
]

/** Returns the App whose installation token the call has. */
function requireAppOfToken(call: RepositoryCall): Result<App> {
  const { installations, apps } = call.world.directory.state
  const { scope } = requireActor(call).token
  const appId = scope?.kind === 'installation' ? installations.get(scope.installationId)?.appId : undefined
  const app = apps.get(appId ?? -1)
  return app === undefined ? refuse(failure(403, 'You must authenticate via a GitHub App.')) : found(app)
}

function appOf({ world }: RepositoryCall, run: CheckRun): App {
  const app = world.directory.state.apps.get(run.appId)
  if (app === undefined) throw new Error(`the App of check run ${run.id} is gone`)
  return app
}

function present(call: RepositoryCall, run: CheckRun): Record<string, unknown> {
  return presentCheckRun(call.world, call.repository, { app: appOf(call, run), run })
}

async function createCheckRun(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call
  const app = requireAppOfToken(call)
  if (!app.ok) return app.answer
  const required = readFields(body, { name: 'string', head_sha: 'string' })
  if (!required.ok) return required.answer
  const { head_sha: headSha } = required.value
  const input = readCheckRun(body, world.clock.now(), null)
  if (!input.ok) return input.answer
  const isSha = /^[0-9a-f]{40}$/.test(headSha)
  if (!isSha || (await world.git.readCommit(repository.id, headSha)) === null) {
    return failure(422, `No commit found for SHA: ${headSha}`)
  }
  const run = addCheckRun(world, repository, { ...input.value, appId: app.value.id, headSha })
  return created(present(call, run))
}

function getCheckRun(call: RepositoryCall): Answer {
  const { world, repository } = call
  const id = Number(call.params.check_run_id)
  const run = findCheckRun(repository, id)
  if (run !== undefined) return json(present(call, run))
  const ofJob = world.directory.runOfJob(id)
  const job = ofJob?.attempts.flatMap(({ jobs }) => jobs).find((each) => each.id === id)
  if (ofJob?.repositoryId !== repository.id || job === undefined) return notFound()
  return json(presentJobAsCheckRun(world, repository, { run: ofJob, job }))
}

function updateCheckRun(call: RepositoryCall): Answer {
  const { world, repository } = call
  const app = requireAppOfToken(call)
  if (!app.ok) return app.answer
  const run = findCheckRun(repository, Number(call.params.check_run_id))
  if (run === undefined) return notFound()
  if (run.appId !== app.value.id) {
    const message = `Invalid app_id \`${app.value.id}\` - check run can only be modified by the GitHub App that created it.`
    return failure(403, message)
  }
  const input = readCheckRun(call.body, world.clock.now(), run)
  if (!input.ok) return input.answer
  changeCheckRun(world, repository, run, input.value)
  return json(present(call, run))
}

async function listCheckRuns(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call
  const commit = await resolveCommit(world, repository, call.params.ref ?? '')
  if (commit === null) return failure(422, `No commit found for SHA: ${call.params.ref ?? ''}`)
  const isWanted = (appId: number): boolean => (query.get('app_id') ?? String(appId)) === String(appId)
  const ofApps = latestOrAll(call, commit.sha).filter(({ appId }) => isWanted(appId))
  const ofJobs = isWanted(ACTIONS_APP_ID) ? jobsOf(call, commit.sha) : []
  const all = [...ofApps.map((run) => present(call, run)), ...ofJobs].filter((run) => {
    if (run.name !== (query.get('check_name') ?? run.name)) return false
    return run.status === (query.get('status') ?? run.status)
  })
  return paged(call, all.length, { total_count: all.length, check_runs: pageOf(all, readPage(query)) })
}

function latestOrAll({ repository, query }: RepositoryCall, sha: string): CheckRun[] {
  if (query.get('filter') === 'all') return (repository.checkRuns.get(sha) ?? []).toReversed()
  return latestCheckRuns(repository, sha)
}

/** Returns the jobs of the workflow runs of a commit, newest first. */
function jobsOf({ world, repository, runsUntil }: RepositoryCall, sha: string): Record<string, unknown>[] {
  return world.directory
    .runsWithHead(repository, sha)
    .filter(({ createdAt }) => createdAt <= runsUntil)
    .toReversed()
    .flatMap((run) => currentAttempt(run).jobs.map((job) => presentJobAsCheckRun(world, repository, { run, job })))
}
