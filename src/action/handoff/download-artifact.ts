import { createHash } from 'node:crypto'
import { failureText } from '../../lib/failure-text.js'
import { maxContextBytes } from '../../model/flow/context-file.js'
import type { HandedRun, Outcome } from './handed-run.js'

/** How GitHub is reached. */
export interface GitHubAccess {
  /** GITHUB_API_URL. */
  apiUrl: string
  token: string
  fetch: typeof fetch
}

/** A zip file of text is not larger than the text, except for the names. */
const maxArchiveBytes = maxContextBytes + 2 * 1024 * 1024
const timeoutMs = 60_000
/** A request without an answer, or with one that another try may improve, is sent this often. */
const maxTries = 3

/** Downloads the newest artifact of a run with its name, as the bytes of a zip file. */
export async function downloadArtifact(access: GitHubAccess, run: HandedRun): Promise<Outcome<Uint8Array>> {
  const found = await findArtifact(access, run)
  if (!found.ok) return found
  const { id, digest } = found.value
  const zip = `/repos/${run.repository}/actions/artifacts/${id}/zip`
  const redirected = await request(access, zip)
  if (!redirected.ok) return redirected
  const location = redirected.value.headers.get('location')
  if (redirected.value.status !== 302 || location === null) return refuse(run, answerText(redirected.value))
  // The address is one of another host, which must not get the token.
  const answer = await send(access, location, {})
  if (!answer.ok) return answer
  if (answer.value.status !== 200) return refuse(run, `its download was answered with HTTP ${answer.value.status}`)
  const content = await readLimited(answer.value)
  if (content === null) return refuse(run, 'it is larger than 10 MiB')
  if (digest !== null && digest !== `sha256:${createHash('sha256').update(content).digest('hex')}`) {
    return refuse(run, 'its content does not have the digest that GitHub names')
  }
  return { ok: true, value: content }
}

interface FoundArtifact {
  id: number
  digest: string | null
}

async function findArtifact(access: GitHubAccess, run: HandedRun): Promise<Outcome<FoundArtifact>> {
  const query = `name=${encodeURIComponent(run.artifact)}&per_page=100`
  const answer = await request(access, `/repos/${run.repository}/actions/runs/${run.runId}/artifacts?${query}`)
  if (!answer.ok) return answer
  if (answer.value.status !== 200) return refuse(run, answerText(answer.value))
  const artifacts = artifactsIn(await answer.value.json()).filter(({ name }) => name === run.artifact)
  const [newest] = artifacts.toSorted((one, other) => other.id - one.id)
  if (!newest) return refuse(run, 'the run has no such artifact: did it upload one, and is it deleted?')
  if (newest.isExpired) return refuse(run, 'it has expired: run the job again')
  return { ok: true, value: newest }
}

function artifactsIn(body: unknown): (FoundArtifact & { name: string; isExpired: boolean })[] {
  const { artifacts } = body as { artifacts?: unknown }
  if (!Array.isArray(artifacts)) return []
  return (artifacts as Record<string, unknown>[]).flatMap(({ id, name, digest, expired }) =>
    typeof id === 'number' && typeof name === 'string'
      ? [{ id, name, digest: typeof digest === 'string' ? digest : null, isExpired: expired === true }]
      : [],
  )
}

function answerText({ status }: Response): string {
  if (status === 401) return 'GitHub does not accept the token'
  if (status === 403 || status === 404) {
    return `GitHub answered HTTP ${status}: the token needs to read the Actions of that repository`
  }
  return `GitHub answered HTTP ${status}`
}

function request(access: GitHubAccess, path: string): Promise<Outcome<Response>> {
  return send(access, `${access.apiUrl}${path}`, {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${access.token}`,
    'user-agent': 'orch-handoff',
    'x-github-api-version': '2022-11-28',
  })
}

/** Sends a request, again at once if it got no answer or an error of the server. */
async function send(access: GitHubAccess, url: string, headers: Record<string, string>): Promise<Outcome<Response>> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await access.fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
      if (answer.status < 500 || tries >= maxTries) return { ok: true, value: answer }
    } catch (error) {
      // The address of a download grants access to it, so that no error may show it.
      const { host } = new URL(url)
      if (tries >= maxTries) return { ok: false, problem: `${host} did not answer: ${failureText(error)}` }
    }
  }
}

/** The body of an answer; null: it is too large. */
async function readLimited(answer: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length
    if (sizeBytes > maxArchiveBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refuse({ artifact, job, repository, runId }: HandedRun, why: string): { ok: false; problem: string } {
  const problem = `the artifact ${artifact} of ${job} (run ${runId} of ${repository}) cannot be read: ${why}`
  return { ok: false, problem }
}
