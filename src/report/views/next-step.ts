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
  return pullRequestResults(orchestration).some(({ outcome }) => outcome === 'unlocked')
    ? 'Merge the pull requests: they were tested together.'
    : 'There is nothing left to do.'
}

/** The failures of all requests that are still known. */
function failuresOf({ jobs, posts, verifications }: Orchestration): Failure[] {
  return [
    ...[...jobs.values()].flatMap((job) => (job.phase === 'settled' && job.failure ? [job.failure] : [])),
    ...[...posts.values()].flatMap((rounds) =>
      Object.values(rounds).flatMap((post) => (post.phase === 'failed' ? [post.failure] : [])),
    ),
    ...Object.values(verifications).flatMap(({ result }) => (result.kind === 'unreadable' ? [result.failure] : [])),
  ]
}

/** The missing permission by the name in GitHub's settings, if a failure names it. */
function authRemedy(orchestration: Orchestration): string {
  const remedy = failuresOf(orchestration).find(isAuthFailure)?.remedy
  return sanitize(remedy ?? 'give the token the missing permission')
}

/** What the reader should do after this ending: one or two sanitized sentences. */
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
      return `Check the runs and pull requests named above, then run ${again}.`
    case 'timed-out':
      return `Check what the runs waited for, or raise --timeout, then run ${again}.`
    case 'superseded':
      return `Run ${again} for the change as it is now, unless a newer orchestration is already running.`
    case 'partially-merged':
      return `Part of the change is merged without the rest. See \`orch status ${branch}\`, then run ${again} for the rest or revert what was merged.`
    case 'held':
      return `Mend what is named above, then run ${again}: it unlocks without building again.`
    case 'cancelled':
      return `Run ${again} to build the change from the start.`
    default:
      return assertNever(ending.outcome)
  }
}

/** The consequence of a refused token, and how to continue. Sanitized. */
export function suspensionText(failure: Failure, { id }: Orchestration): string {
  const why = sanitize(failure.message)
  return `${why}; nothing was cancelled, and the pull requests stay locked. Set a valid token, then run: orch resume ${sanitize(id)}`
}
