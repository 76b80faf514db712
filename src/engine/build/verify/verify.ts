import type { RepositoryRead } from '../../../model/change.js'
import { isSameStatus } from '../../../model/change.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type {
  Finding,
  JoiningMember,
  VerificationResult,
  VerificationStage,
} from '../../../model/build/state/verification.js'
import type { Absentee, Member, Plan } from '../../../model/build/plan.js'
import { blockersOf, definiteBlockers } from '../../../model/merge-blocker.js'
import type { MergeBlocker } from '../../../model/merge-blocker.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { StatusComparison } from './compare-statuses.js'
import { compareStatuses } from './compare-statuses.js'
import { joiningMembers } from './joining.js'
import { byRepository, expectReading, pullRequestKey } from './second-reading.js'
import type { SecondReading } from './second-reading.js'

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
  // After a revocation nothing is unlocked any more, so nothing joins.
  const joining = stage === 'after-revocation' ? [] : joiningMembers(members, readings, second.vanished)
  const statuses =
    second.histories === null ? noStatuses : compareStatuses(orchestration, stage, second.histories, readings)
  const expect = ({ repo }: { repo: RepoName }): RepositoryRead[] => expectReading(readings, repo)
  const findings = [
    ...members.flatMap((member) =>
      expect(member).flatMap((reading) => compareMember(member, reading, second.vanished, joining)),
    ),
    ...absent.flatMap((absentee) => expect(absentee).flatMap((reading) => compareAbsentee(absentee, reading, stage))),
    ...statuses.findings,
  ]
  const merged = findings.filter(({ kind }) => kind === 'pull-request-merged')
  if (findings.some(({ kind }) => endsTheChange(kind, stage))) return { kind: 'moved', findings }
  const lagging = findLag(members, readings, second.vanished) ?? findUnlistedStatus(readings, second.histories)
  if (lagging !== null) return { kind: 'unsettled', reason: lagging }
  if (statuses.overtaken.length > 0) return { kind: 'overtaken', repos: statuses.overtaken, by: statuses.older }
  if (joining.length > 0) return { kind: 'joined', members: joining, merged }
  const isChecked = stage === 'before-success' || stage === 'after-success'
  const blockers = isChecked ? findBlockers(orchestration.plan, readings) : []
  // After success an unknown mergeability proves nothing: it was known right before.
  const relevant = stage === 'after-success' ? definiteBlockers(blockers) : blockers
  return relevant.length > 0 ? { kind: 'blocked', blockers: relevant, merged } : { kind: 'unchanged', merged }
}

/**
 * Whether a finding ends the orchestration. A closed pull request changes nothing that is tested and may be reopened, so the reading
 * before success decides about it.
 */
function endsTheChange(kind: Finding['kind'], stage: VerificationStage): boolean {
  return kind !== 'pull-request-merged' && !(kind === 'pull-request-closed' && stage === 'while-building')
}

/** What prevents the merge of the set, by a reading that is not older than an earlier one. */
function findBlockers({ members, graph }: Plan, readings: ReadonlyMap<string, RepositoryRead>): MergeBlocker[] {
  return members.flatMap((member) => {
    const pullRequests = expectReading(readings, member.repo).flatMap((reading) => reading.pullRequests)
    return blockersOf(graph, { ...member, pullRequests })
  })
}

const noStatuses: StatusComparison = { findings: [], overtaken: [], older: [] }

function compareMember(
  member: Member,
  reading: RepositoryRead,
  vanished: SecondReading['vanished'],
  joining: readonly JoiningMember[],
): Finding[] {
  const { repo, headSha } = member
  const joins = joining.find((each) => each.repo === repo)
  const expected = [...member.pullRequests, ...(joins?.pullRequests ?? [])]
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
    if (state?.state === 'open' || joins?.replaced.includes(planned.number)) return []
    return [finding('pull-request-closed', repo, `${name} was closed`)]
  })
  for (const { number } of reading.pullRequests) {
    if (expected.some((known) => known.number === number)) continue
    findings.push(finding('pull-request-opened', repo, `${repo}#${number} was opened for this branch`))
  }
  const shared = reading.sameHead.find(({ isFork }) => !isFork)
  if (shared && expected.length > 0) {
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

function compareAbsentee(absentee: Absentee, reading: RepositoryRead, stage: VerificationStage): Finding[] {
  const isBeforeSuccess = stage === 'while-building' || stage === 'before-success'
  return [
    ...compareAbsentBranch(absentee, reading),
    // A default branch that moves after success locks nothing: what is unlocked was tested. `orch status` shows the move.
    ...(isBeforeSuccess ? compareDefaultBranch(absentee, reading) : []),
  ]
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
