import type { Body } from '../http/body.js'
import { parseBody } from '../http/body.js'
import type { Artifact } from '../state/artifact.js'
import type { WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import {
  addArtifact,
  artifactNameProblem,
  artifactsOf,
  deleteArtifact,
  digestOf,
  hasArtifact,
  isExpiredArtifact,
} from './artifacts.js'
import type { JobGrant } from './job-grants.js'

/** The path prefix of the results service, a Twirp service with JSON bodies that upload-artifact and download-artifact call. */
export const RESULTS_SERVICE = '/twirp/github.actions.results.api.v1.ArtifactService/'

/** One call by a job in progress. */
interface ResultsCall {
  world: World
  run: WorkflowRun
  grant: JobGrant
  body: Body
}

/** An error in Twirp's form: its code, HTTP status and text. */
interface TwirpError {
  status: number
  code: string
  msg: string
}

type Answer = { ok: true; body: Record<string, unknown> } | { ok: false; error: TwirpError }

const methods: Readonly<Record<string, (call: ResultsCall) => Answer>> = {
  CreateArtifact: createArtifact,
  FinalizeArtifact: finalizeArtifact,
  ListArtifacts: listArtifacts,
  GetSignedArtifactURL: signedUrl,
  DeleteArtifact: removeArtifact,
}

/** Answers a call of the results service. */
export function answerResults(world: World, request: Request, path: string, text: string): Response {
  const answer = handle(world, request, path.slice(RESULTS_SERVICE.length), text)
  const [status, body] = answer.ok
    ? [200, answer.body]
    : [answer.error.status, { code: answer.error.code, msg: answer.error.msg }]
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

function handle(world: World, request: Request, method: string, text: string): Answer {
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (request.method !== 'POST' || handler === undefined) return failed(404, 'bad_route', `no handler for ${method}`)
  const grant = world.jobGrants.of(request.headers.get('authorization'))
  if (grant === undefined) return failed(401, 'unauthenticated', 'the runtime token belongs to no job in progress')
  const body = parseBody(text)
  if (!body.ok) return failed(400, 'malformed', 'the body is not a JSON object')
  const run = world.directory.state.runs.get(grant.runId)
  if (run === undefined) return notFound('workflow run not found')
  return handler({ world, run, grant, body: body.value })
}

function failed(status: number, code: string, msg: string): Answer {
  return { ok: false, error: { status, code, msg } }
}

function notFound(msg: string): Answer {
  return failed(404, 'not_found', msg)
}

function textOf(body: Body, name: string): string {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}

/** Refuses a call for another run or job than that of the token. */
function foreign({ grant, body }: ResultsCall): Answer | null {
  const isOwn =
    textOf(body, 'workflow_run_backend_id') === grant.runBackendId &&
    textOf(body, 'workflow_job_run_backend_id') === grant.jobBackendId
  return isOwn ? null : failed(403, 'permission_denied', 'the runtime token belongs to another job')
}

function createArtifact(call: ResultsCall): Answer {
  const { world, run, grant, body } = call
  const name = textOf(body, 'name')
  const problem = artifactNameProblem(name)
  const wanted = textOf(body, 'expires_at')
  const expiresAt = wanted === '' ? null : Date.parse(wanted)
  const refused = foreign(call)
  if (refused !== null) return refused
  if (problem !== null) return failed(400, 'invalid_argument', problem)
  if (Number.isNaN(expiresAt)) return failed(400, 'invalid_argument', 'expires_at is not a time')
  const { runBackendId, jobBackendId } = grant
  if (hasArtifact(run, runBackendId, name) || world.uploads.find(runBackendId, name) !== undefined) {
    return failed(409, 'already_exists', 'an artifact with this name already exists on the workflow run')
  }
  const { path, upload } = world.transfers.createUpload()
  const mimeType = textOf(body, 'mime_type') || 'application/zip'
  world.uploads.add({ name, runBackendId, jobBackendId, mimeType, expiresAt, upload })
  return { ok: true, body: { ok: true, signed_upload_url: `${world.webUrl()}${path}` } }
}

function finalizeArtifact(call: ResultsCall): Answer {
  const { world, run, grant, body } = call
  const refused = foreign(call)
  if (refused !== null) return refused
  const pending = world.uploads.find(grant.runBackendId, textOf(body, 'name'))
  if (pending?.jobBackendId !== grant.jobBackendId) return notFound('the artifact was not created')
  const { upload, ...fields } = pending
  if (upload.content === null) return failed(400, 'failed_precondition', 'the artifact has no content')
  const hash = textOf(body, 'hash')
  if (textOf(body, 'size') !== String(upload.content.length) || (hash !== '' && hash !== digestOf(upload.content))) {
    return failed(400, 'invalid_argument', 'the content of the artifact has another size or hash')
  }
  const artifact = addArtifact(world, run, { ...fields, content: upload.content })
  world.uploads.remove(pending)
  world.transfers.endUpload(upload)
  return { ok: true, body: { ok: true, artifact_id: String(artifact.id) } }
}

function present(artifact: Artifact): Record<string, unknown> {
  return {
    workflow_run_backend_id: artifact.runBackendId,
    workflow_job_run_backend_id: artifact.jobBackendId,
    database_id: String(artifact.id),
    name: artifact.name,
    size: String(artifact.sizeBytes),
    created_at: new Date(artifact.createdAt).toISOString(),
    digest: artifact.digest,
  }
}

function listArtifacts({ world, run, body }: ResultsCall): Answer {
  const name = body.name_filter
  const id = body.id_filter
  const artifacts = artifactsOf(run)
    .filter((artifact) => !isExpiredArtifact(world, artifact))
    .filter((artifact) => typeof name !== 'string' || artifact.name === name)
    .filter((artifact) => typeof id !== 'string' || String(artifact.id) === id)
  return { ok: true, body: { artifacts: artifacts.map(present) } }
}

/** Finds the artifact that a call names by its name, and by the attempt that uploaded it. */
function findNamed({ world, run, body }: ResultsCall): Artifact | undefined {
  return artifactsOf(run)
    .filter((artifact) => !isExpiredArtifact(world, artifact))
    .find(({ name, runBackendId }) => {
      return name === textOf(body, 'name') && runBackendId === textOf(body, 'workflow_run_backend_id')
    })
}

function signedUrl(call: ResultsCall): Answer {
  const artifact = findNamed(call)
  if (artifact === undefined) return notFound('artifact not found')
  const { world } = call
  return { ok: true, body: { signed_url: `${world.webUrl()}${world.transfers.createDownload(artifact.id)}` } }
}

function removeArtifact(call: ResultsCall): Answer {
  const artifact = findNamed(call)
  if (artifact === undefined) return notFound('artifact not found')
  deleteArtifact(call.world, call.run, artifact)
  return { ok: true, body: { ok: true, artifact_id: String(artifact.id) } }
}
