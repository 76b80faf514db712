import type { CommitStatus, RepositoryRead } from '../../../model/change.js'
import type { Graph } from '../../../model/graph.js'
import { jobContext, readRecord, shortFingerprint } from '../../../model/build/job-record.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'

/** A record of a job on its head: the linked run, or the reason, as one clause, why the record is unusable. */
export type RecordOfJob =
  /** `endedBy`: the run that the record proves ended no later, ms, UTC; null: it had not succeeded, and may have been re-run since. */
  | { kind: 'linked'; runId: number; endedBy: number | null }
  /** `isOther`: the record belongs to another build, for which a changed need of the job may be the reason. */
  | { kind: 'unusable'; reason: string; isOther: boolean }

/** The trusted authors of records: logins in lower case, or the reason why no author is trusted. */
export type Trust = { ok: true; logins: ReadonlySet<string> } | { ok: false; reason: string }

/** The author names of every repository's GITHUB_TOKEN, in REST and in GraphQL: anyone who can change a workflow can post under them. */
const githubTokenNames: ReadonlySet<string> = new Set(['github-actions[bot]', 'github-actions'])

/** Whether a login is that of every repository's GITHUB_TOKEN, which is never trusted. */
function isAnybody(login: string): boolean {
  return githubTokenNames.has(login.toLowerCase())
}

/** The trusted authors: those that the graph file names, otherwise the token's user. `login` is null if GitHub does not report it. */
export function trustOf({ trustedAuthors }: Graph, login: string | null): Trust {
  if (trustedAuthors) return { ok: true, logins: new Set(trustedAuthors.map((name) => name.toLowerCase())) }
  if (login === null) return { ok: false, reason: 'GitHub did not return the owner of this token' }
  if (isAnybody(login)) return { ok: false, reason: 'this token is a GITHUB_TOKEN, which any workflow can use' }
  return { ok: true, logins: new Set([login.toLowerCase()]) }
}

/** Whether a trusted author wrote the status. */
export function isTrusted(trust: Trust, { creator }: CommitStatus): boolean {
  return isTrustedLogin(trust, creator)
}

/** Whether what a user wrote or started is believed. */
export function isTrustedLogin(trust: Trust, login: string): boolean {
  return trust.ok && !isAnybody(login) && trust.logins.has(login.toLowerCase())
}

export interface RecordQuery {
  statusContext: string
  job: string
  /** The full fingerprint, 64 hex digits. */
  fingerprint: string
  trust: Trust
  /** Root of GitHub's pages, such as `https://github.com`; null: the caller compares the link with the page of the run. */
  serverUrl: string | null
}

/**
 * Reads the record in the newest status of a job. Its text is untrusted until the linked run is read. The record of a failure counts too: a
 * person may have re-run its run since.
 */
export function readJobRecord(reading: Pick<RepositoryRead, 'repo' | 'jobStatuses'>, query: RecordQuery): RecordOfJob {
  const context = jobContext(query.statusContext, query.job).toLowerCase()
  const status = reading.jobStatuses?.find((each) => each.context.toLowerCase() === context)
  if (!status) return unusable('never built')
  const record = readRecord(status.description)
  if (!record) return unusable('its status was not written by orch')
  if (!isTrusted(query.trust, status)) return unusable(untrusted(query.trust, status))
  if (record.fingerprint !== shortFingerprint(query.fingerprint)) {
    return unusable('something it needs, its workflow or its inputs changed since it was built', true)
  }
  const runId = readRunLink(status.targetUrl, query.serverUrl, reading.repo)
  if (runId === null) return unusable(`its record does not link to a run of ${reading.repo}`)
  return { kind: 'linked', runId, endedBy: status.state === 'success' ? status.createdAt : null }
}

function unusable(reason: string, isOther = false): RecordOfJob {
  return { kind: 'unusable', reason, isOther }
}

function untrusted(trust: Trust, { creator }: CommitStatus): string {
  if (!trust.ok) return `its record is not trusted: ${trust.reason}`
  if (isAnybody(creator)) return `its record is by ${creator}, and any workflow can post as that user`
  return `its record is by ${creator === '' ? 'an unknown user' : creator}, who is not trusted`
}

/** The run ID in a URL; null unless the URL is exactly the page of a run of this repository, on this server if one is given. */
export function readRunLink(link: string, serverUrl: string | null, repo: RepoName): number | null {
  if (serverUrl === null) return runIdIn(link.split('/').slice(-5).join('/'), repo)
  const root = `${serverUrl.replace(/\/+$/u, '')}/`
  if (!link.toLowerCase().startsWith(root.toLowerCase())) return null
  return runIdIn(link.slice(root.length), repo)
}

/** The run ID in the path of a page; null unless it is the page of a run of this repository. */
function runIdIn(path: string, repo: RepoName): number | null {
  const found = /^([^/?#]+\/[^/?#]+)\/actions\/runs\/([1-9]\d{0,15})$/u.exec(path)
  if (!found || repoKey(found[1] ?? '') !== repoKey(repo)) return null
  const runId = Number(found[2])
  return Number.isSafeInteger(runId) ? runId : null
}
