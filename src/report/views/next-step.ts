import { assertNever } from '../../lib/assert-never.js'
import { isAuthFailure } from '../../model/failure.js'
import type { Failure } from '../../model/failure.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import { sanitize, shellWord } from '../../lib/sanitize.js'
import { pullRequestResults } from './pull-request-results.js'

function afterSuccess(orchestration: Orchestration, again: string): string {
  if (orchestration.options.only !== null && !orchestration.options.postStatus)
    return `With --only nothing is unlocked. Run ${again} to build the whole change.`
  if (!orchestration.options.postStatus) return `With --no-status nothing is unlocked. Run ${again} to unlock.`
  if (orchestration.plan.targets.length === 0) {
    return `There was nothing to unlock: no pull request is open. Open them, then run ${again}.`
  }
  return pullRequestResults(orchestration).some(({ outcome: fate }) => fate === 'unlocked')
    ? 'Merge the pull requests: what they hold was tested together.'
    : 'Nothing is left to do.'
}

/** Every request whose failure is still known. */
function failuresOf({ jobs, posts, verifications }: Orchestration): Failure[] {
  return [
    ...[...jobs.values()].flatMap((job) => (job.phase === 'settled' && job.failure ? [job.failure] : [])),
    ...[...posts.values()].flatMap((rounds) =>
      Object.values(rounds).flatMap((post) => (post.phase === 'failed' ? [post.failure] : [])),
    ),
    ...Object.values(verifications).flatMap(({ result }) => (result.kind === 'unreadable' ? [result.failure] : [])),
  ]
}

/** The permission that is lacking, as GitHub's settings call it, where a failure tells it. */
function authRemedy(orchestration: Orchestration): string {
  const remedy = failuresOf(orchestration).find(isAuthFailure)?.remedy
  return sanitize(remedy ?? 'give the token the missing permission')
}

/** What the reader should do once an orchestration has ended so: one or two harmless sentences. */
export function nextStep(orchestration: Orchestration, ending: Ending): string {
  const branch = shellWord(orchestration.plan.branch)
  const again = `\`orch run ${branch}\``
  if (ending.auth) return `With exit code 4: ${authRemedy(orchestration)}; then run ${again}.`
  switch (ending.outcome) {
    case 'succeeded':
      return afterSuccess(orchestration, again)
    case 'failed':
      return `Fix the build, push, and run ${again}.`
    case 'unknown':
      return `Look at the runs and pull requests named above, then run ${again}.`
    case 'timed-out':
      return `Look at what the runs waited for, or raise --timeout, then run ${again}.`
    case 'superseded':
      return `Run ${again} for the change as it is now, unless a newer orchestration is already at it.`
    case 'partially-merged':
      return `A part of the change is merged without the rest. See \`orch status ${branch}\`, then run ${again} for the rest or revert what was merged.`
    case 'cancelled':
      return `Run ${again} to build the change from the start.`
    default:
      return assertNever(ending.outcome)
  }
}

/** What a refused token means, and how to go on: harmless. */
export function suspensionText(failure: Failure, { id }: Orchestration): string {
  const why = sanitize(failure.message)
  return `${why}; nothing was cancelled, and the pull requests stay locked. Give a valid token, then go on: orch resume ${sanitize(id)}`
}
