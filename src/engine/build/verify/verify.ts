import type { ListedStatus, PullRequestState, RepositoryRead, RepositoryReading } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Finding, VerificationResult, VerificationStage } from '../../../model/build/state/verification.js'
import type { Absentee, Member, Plan } from '../../../model/build/plan.js'
import { blockersOf, definiteBlockers } from '../../../model/merge-blocker.js'
import type { MergeBlocker } from '../../../model/merge-blocker.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { StatusComparison } from './compare-statuses.js'
import { compareStatuses } from './compare-statuses.js'

/** A second reading of a change whose builds have succeeded. */
export interface SecondReading {
  readings: readonly RepositoryReading[]
  /** By `repo#number` (`pullRequestKey`): the planned pull requests that are no longer among the open ones. */
  vanished: ReadonlyMap<string, PullRequestState>
  /**
   * By repository key: the statuses of our context on the planned head, newest first, at least down to our own claim. null if they are
   * not needed, because the readings show our claims as the newest statuses (`carryOurClaims`).
   */
  histories: ReadonlyMap<string, readonly ListedStatus[]> | null
}

export function pullRequestKey(repo: string, number: number): string {
  return `${repoKey(repo)}#${number}`
}

/** Compares a second reading with the planned and tested change (law 1). Pure. */
export function compareReadings(
  orchestration: Orchestration,
  stage: VerificationStage,
  second: SecondReading,
): VerificationResult {
  const unreadable = second.readings.find((reading) => reading.kind === 'unreadable')
  if (unreadable) return { kind: 'unreadable', failure: unreadable.failure }
  const readings = byRepository(second.readings)
  const { members, absent } = orchestration.plan
  const statuses = second.histories === null ? noStatuses : compareStatuses(orchestration, stage, second.histories)
  const expect = ({ repo }: { repo: RepoName }): RepositoryRead[] => expectReading(readings, repo)
  const findings = [
    ...members.flatMap((member) =>
      expect(member).flatMap((reading) => compareMember(member, reading, second.vanished)),
    ),
    ...absent.flatMap((absentee) => expect(absentee).flatMap((reading) => compareAbsentee(absentee, reading))),
    ...statuses.findings,
  ]
  const moved = findings.filter(({ kind }) => kind !== 'pull-request-merged')
  if (moved.length > 0) return { kind: 'moved', findings }
  const lagging = findLag(members, readings, second.vanished) ?? findUnlistedStatus(readings, second.histories)
  if (lagging !== null) return { kind: 'unsettled', reason: lagging }
  if (statuses.overtaken.length > 0) return { kind: 'overtaken', repos: statuses.overtaken, by: statuses.older }
  const isChecked = stage === 'before-success' || stage === 'after-success'
  const blockers = isChecked ? findBlockers(orchestration.plan, readings) : []
  // After success an unknown mergeability proves nothing: it was known right before.
  const relevant = stage === 'after-success' ? definiteBlockers(blockers) : blockers
  return relevant.length > 0
    ? { kind: 'blocked', blockers: relevant, merged: findings }
    : { kind: 'unchanged', merged: findings }
}

/** What prevents the merge of the set, by a reading that is not older than an earlier one. */
function findBlockers({ members, graph }: Plan, readings: ReadonlyMap<string, RepositoryRead>): MergeBlocker[] {
  return members.flatMap((member) => {
    const pullRequests = expectReading(readings, member.repo).flatMap((reading) => reading.pullRequests)
    return blockersOf(graph, { ...member, pullRequests })
  })
}

const noStatuses: StatusComparison = { findings: [], overtaken: [], older: [] }

export function byRepository(readings: readonly RepositoryReading[]): Map<string, RepositoryRead> {
  return new Map(
    readings.flatMap((reading) => (reading.kind === 'read' ? [[repoKey(reading.repo), reading] as const] : [])),
  )
}

/** Returns the reading; empty if it is older than an earlier reading, because it does not show the current state. */
function expectReading(readings: ReadonlyMap<string, RepositoryRead>, repo: string): RepositoryRead[] {
  const reading = readings.get(repoKey(repo))
  if (!reading) throw new Error(`${repo} was not read again`)
  return reading.lag === undefined ? [reading] : []
}

function compareMember(member: Member, reading: RepositoryRead, vanished: SecondReading['vanished']): Finding[] {
  const { repo, headSha } = member
  const findings = member.pullRequests.flatMap((planned) => {
    const open = reading.pullRequests.find(({ number }) => number === planned.number)
    const name = `${repo}#${planned.number}`
    if (open) {
      if (open.baseRef === planned.baseRef) return []
      return [
        finding(
          'pull-request-retargeted',
          repo,
          `${name} now merges into ${open.baseRef} instead of ${planned.baseRef}`,
        ),
      ]
    }
    const state = vanished.get(pullRequestKey(repo, planned.number))
    if (state?.state === 'merged') {
      if (state.baseRef !== planned.baseRef) {
        const message = `${name} was merged into ${state.baseRef} instead of ${planned.baseRef}`
        return [finding('pull-request-retargeted', repo, message)]
      }
      return state.headSha === headSha
        ? [{ ...finding('pull-request-merged', repo, `${name} was merged`), pullRequest: planned.number }]
        : [finding('head-moved', repo, `${name} was merged at ${state.headSha.slice(0, 7)}, which was not tested`)]
    }
    return state?.state === 'open' ? [] : [finding('pull-request-closed', repo, `${name} was closed`)]
  })
  for (const { number } of reading.pullRequests) {
    if (member.pullRequests.some((planned) => planned.number === number)) continue
    findings.push(finding('pull-request-opened', repo, `${repo}#${number} was opened for this branch`))
  }
  const shared = reading.sameHead.find(({ isFork }) => !isFork)
  if (shared && member.pullRequests.length > 0) {
    findings.push(
      finding('head-shared', repo, `${repo}#${shared.number} of branch ${shared.headRef} has the same head commit`),
    )
  }
  return [...findings, ...compareHead(member, reading, findings)]
}

function compareHead({ repo, headSha }: Member, reading: RepositoryRead, findings: readonly Finding[]): Finding[] {
  if (reading.headSha === headSha) return []
  if (reading.headSha !== null) {
    return [finding('head-moved', repo, `${repo} moved from ${headSha.slice(0, 7)} to ${reading.headSha.slice(0, 7)}`)]
  }
  // Deleting a branch after its pull request was merged does not change the tested set.
  const isMerged = findings.some(({ kind }) => kind === 'pull-request-merged')
  return isMerged ? [] : [finding('branch-gone', repo, `the branch is gone from ${repo}`)]
}

function compareAbsentee(absentee: Absentee, reading: RepositoryRead): Finding[] {
  return [...compareAbsentBranch(absentee, reading), ...compareDefaultBranch(absentee, reading)]
}

function compareAbsentBranch({ repo, merged }: Absentee, { headSha, pullRequests }: RepositoryRead): Finding[] {
  if (headSha === null) return []
  const at = headSha.slice(0, 7)
  if (!merged) return [finding('branch-appeared', repo, `the branch appeared in ${repo} at ${at}`)]
  if (headSha !== merged.headSha) {
    return [finding('branch-appeared', repo, `the merged branch of ${repo} has the new commit ${at}`)]
  }
  return pullRequests.map(({ number }) =>
    finding('pull-request-opened', repo, `${repo}#${number} was opened for the merged branch`),
  )
}

/** A default branch that is built is part of the tested set, so its head must stay; that of any other repository may move. */
function compareDefaultBranch(planned: Absentee, { defaultBranch, defaultBranchSha }: RepositoryRead): Finding[] {
  const { repo, isBuilt } = planned
  if (isBuilt !== true || defaultBranchSha === planned.defaultBranchSha) return []
  const from = planned.defaultBranchSha?.slice(0, 7) ?? 'nothing'
  const to = defaultBranchSha?.slice(0, 7) ?? 'nothing'
  return [finding('head-moved', repo, `${defaultBranch} of ${repo}, which is built, moved from ${from} to ${to}`)]
}

/** Describes two answers that disagree, as they may for seconds after a push; neither is used. null if there are none. */
function findLag(
  members: readonly Member[],
  readings: ReadonlyMap<string, RepositoryRead>,
  vanished: SecondReading['vanished'],
): string | null {
  for (const [name, { state }] of vanished) {
    if (state === 'open') return `${name} is open, but not among the open pull requests of the branch`
  }
  for (const { repo, lag } of readings.values()) if (lag !== undefined) return `${repo}: ${lag}`
  for (const { repo, headSha } of members) {
    const [reading] = expectReading(readings, repo)
    const other = reading?.pullRequests.find((pullRequest) => pullRequest.headSha !== headSha)
    if (other)
      return `${repo}#${other.number} shows the head ${other.headSha.slice(0, 7)}, its branch ${headSha.slice(0, 7)}`
  }
  return null
}

/** Describes a newest status that is missing from the later listing, which shows that one of the two answers lags. */
function findUnlistedStatus(
  readings: ReadonlyMap<string, RepositoryRead>,
  histories: SecondReading['histories'],
): string | null {
  for (const [key, history] of histories ?? []) {
    const reading = readings.get(key)
    const shown = reading?.status ?? null
    const oldest = history.at(-1)
    if (!reading || shown === null || !oldest || shown.createdAt < oldest.createdAt) continue
    if (!history.some((status) => isSameStatus(status, shown))) {
      return `${reading.repo} shows a status that is not among those of its head`
    }
  }
  return null
}

function finding(kind: Finding['kind'], repo: string, message: string): Finding {
  return { kind, repo, message }
}
