import type { CommitStatus, RepositoryRead } from '../../../model/change.js'
import type { Graph } from '../../../model/graph.js'
import { jobContext, readRecord, shortFingerprint } from '../../../model/build/job-record.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'

/** A record of a job on its head: the run that it rests on, or why it tells nothing (one clause for a reader). */
export type RecordOfJob =
  | { kind: 'linked'; runId: number; recordedAt: number }
  /** `isOther`: it tells of another build; something that the job needs may explain why. */
  | { kind: 'unusable'; reason: string; isOther: boolean }

/** Whose records are believed: logins in lower case, or why nobody's are. */
export type Trust = { ok: true; logins: ReadonlySet<string> } | { ok: false; reason: string }

/** A GITHUB_TOKEN of any repository speaks under these names, in REST and in GraphQL: whoever can change a workflow can use one. */
const anybody: ReadonlySet<string> = new Set(['github-actions[bot]', 'github-actions'])

/** Whether a login stands for the GITHUB_TOKEN of every repository: it is never trusted. */
export function isAnybody(login: string): boolean {
  return anybody.has(login.toLowerCase())
}

/** Those that the graph file names, else the token's own user. `login`: null where GitHub does not say. */
export function trustOf({ trustedAuthors }: Graph, login: string | null): Trust {
  if (trustedAuthors) return { ok: true, logins: new Set(trustedAuthors.map((name) => name.toLowerCase())) }
  if (login === null) return { ok: false, reason: 'GitHub does not say whose this token is' }
  if (isAnybody(login)) return { ok: false, reason: 'this token is a GITHUB_TOKEN, with which any workflow can speak' }
  return { ok: true, logins: new Set([login.toLowerCase()]) }
}

/** Whether somebody wrote the status whose word counts. */
export function isTrusted(trust: Trust, { creator }: CommitStatus): boolean {
  return trust.ok && !isAnybody(creator) && trust.logins.has(creator.toLowerCase())
}

export interface RecordQuery {
  statusContext: string
  job: string
  /** Whole, 64 hex digits. */
  fingerprint: string
  trust: Trust
  /** Root of GitHub's pages, such as `https://github.com`. */
  serverUrl: string
}

/** What the newest status of a job tells, before its run is read. All of it is untrusted text until then. */
export function readJobRecord(reading: RepositoryRead, query: RecordQuery): RecordOfJob {
  const context = jobContext(query.statusContext, query.job).toLowerCase()
  const status = reading.jobStatuses?.find((each) => each.context.toLowerCase() === context)
  if (!status) return unusable('never built')
  const record = readRecord(status.description)
  if (!record) return unusable('its status was not written by orch')
  if (!isTrusted(query.trust, status)) return unusable(untrusted(query.trust, status))
  if (record.fingerprint !== shortFingerprint(query.fingerprint)) {
    return unusable('something it needs, its workflow or its inputs changed since it was built', true)
  }
  if (status.state !== 'success') return unusable('its last build did not succeed')
  const runId = readRunLink(status.targetUrl, query.serverUrl, reading.repo)
  if (runId === null) return unusable(`its record links to no run of ${reading.repo}`)
  return { kind: 'linked', runId, recordedAt: status.createdAt }
}

function unusable(reason: string, isOther = false): RecordOfJob {
  return { kind: 'unusable', reason, isOther }
}

function untrusted(trust: Trust, { creator }: CommitStatus): string {
  if (!trust.ok) return `its record is not trusted: ${trust.reason}`
  if (isAnybody(creator)) return `its record is by ${creator}, as which any workflow can speak`
  return `its record is by ${creator === '' ? 'somebody unknown' : creator}, who is not trusted`
}

/** The run that an address names; null: it is not exactly the page of a run of this repository. */
export function readRunLink(link: string, serverUrl: string, repo: RepoName): number | null {
  const root = `${serverUrl.replace(/\/+$/u, '')}/`
  if (!link.toLowerCase().startsWith(root.toLowerCase())) return null
  const found = /^([^/?#]+\/[^/?#]+)\/actions\/runs\/([1-9]\d{0,15})$/u.exec(link.slice(root.length))
  if (!found || repoKey(found[1] ?? '') !== repoKey(repo)) return null
  const runId = Number(found[2])
  return Number.isSafeInteger(runId) ? runId : null
}
