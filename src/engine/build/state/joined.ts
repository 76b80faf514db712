import { PersistentMap } from '../../../lib/persistent-map.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Member, Plan, StatusTarget } from '../../../model/build/plan.js'
import type { PostsOfHead } from '../../../model/build/state/post-state.js'
import type { JoiningMember, VerificationStage } from '../../../model/build/state/verification.js'
import { repoKey } from '../../../model/repo-name.js'
import { missingPullRequestWarnings } from '../plan/plan-warnings.js'

/**
 * Returns the orchestration after pull requests joined its change. Before its success is posted, the change is read again with them, also
 * if other heads already have their success.
 */
export function joined(
  before: Orchestration,
  stage: VerificationStage,
  members: readonly JoiningMember[],
): Orchestration {
  const plan = withJoined(before.plan, members)
  const verifications = { ...before.verifications }
  if (stage !== 'before-success') delete verifications['before-success']
  if (plan.targets.length === before.plan.targets.length) return { ...before, plan, verifications }
  const posts = PersistentMap.of<PostsOfHead>(
    plan.targets.map(({ repo }) => repoKey(repo)),
    (key) => before.posts.get(key),
  )
  return { ...before, plan, posts, verifications }
}

/** The plan with the pull requests that joined. Members and targets keep the order of the graph. */
function withJoined(plan: Plan, joining: readonly JoiningMember[]): Plan {
  const byRepo = new Map(joining.map((member) => [repoKey(member.repo), member]))
  const targets = new Map(plan.targets.map((target) => [repoKey(target.repo), target]))
  const members = plan.members.map((member) => {
    const joins = byRepo.get(repoKey(member.repo))
    return joins ? withPullRequests(member, joins) : member
  })
  // These members have a pull request now.
  const obsolete = missingPullRequestWarnings(
    plan.graph,
    plan.members.filter(({ repo }) => byRepo.has(repoKey(repo))),
  )
  return {
    ...plan,
    members,
    warnings: plan.warnings.filter((warning) => !obsolete.includes(warning)),
    targets: members.flatMap((member): StatusTarget[] => {
      const key = repoKey(member.repo)
      const target = targets.get(key)
      const joins = byRepo.get(key)
      if (!joins) return target ? [target] : []
      const { repo, headSha, pullRequests } = member
      if (target) return [{ ...target, pullRequests }]
      return [{ repo, headSha, pullRequests, status: joins.status, claimedBy: null, isJoined: true }]
    }),
  }
}

function withPullRequests(member: Member, { pullRequests, replaced }: JoiningMember): Member {
  const kept = member.pullRequests.filter(({ number }) => !replaced.includes(number))
  const after = { ...member, pullRequests: [...kept, ...pullRequests] }
  delete after.isAhead
  delete after.status
  return after
}
