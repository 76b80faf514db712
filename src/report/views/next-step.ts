import { assertNever } from '../../lib/assert-never.js'
import { isAuthFailure } from '../../model/failure.js'
import type { Failure } from '../../model/failure.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import { mergeQueueNote } from '../../model/merge-queue.js'
import { sanitize, shellWord } from '../../lib/sanitize.js'
import { asSentence, failuresOf, fixBuild, remediesOf } from './remedies.js'
import { pullRequestResults } from './pull-request-results.js'

function afterSuccess(orchestration: Orchestration, again: string): string {
  if (orchestration.options.only !== null && !orchestration.options.postStatus)
    return `With --only nothing is unlocked. Run ${again} to build the whole change.`
  if (!orchestration.options.postStatus) return `With --no-status nothing is unlocked. Run ${again} to unlock.`
  if (orchestration.plan.targets.length === 0) {
    return `There was nothing to unlock: no pull request is open. Open the pull requests, then run ${again}.`
  }
  const unlocked = pullRequestResults(orchestration).filter(({ outcome }) => outcome === 'unlocked').length
  if (unlocked === 0) return 'There is nothing left to do.'
  const queue = mergeQueueNote(orchestration.plan.members, orchestration.plan.graph.statusContext)
  const merge =
    unlocked === 1
      ? 'Merge the pull request: its builds succeeded.'
      : 'Merge the pull requests: they were tested together.'
  return queue === null ? merge : `${merge} But ${sanitize(queue)}.`
}

/** The most remedies that the last lines name; the jobs above show the rest. */
const maxRemedies = 3

/** What mends the failures, then a new run. `otherwise`: the advice if no remedy is known. */
function mend(orchestration: Orchestration, again: string, otherwise: string): string {
  const remedies = remediesOf(orchestration)
  const [first] = remedies
  if (first === undefined) return otherwise
  // Where builds failed and nothing else did, the jobs need no names: their logs are above.
  if (remedies.length === 1)
    return first.text === fixBuild ? otherwise : asSentence(`${sanitize(first.text)}; then run ${again}`)
  const clauses = remedies.slice(0, maxRemedies).map(({ text, jobs }) => {
    return sanitize(jobs.length === 0 ? text : `${text} (${listed(jobs)})`)
  })
  return asSentence(`${clauses.join('; ')}; then run ${again}`)
}

function listed(jobs: readonly string[]): string {
  const shown = jobs.slice(0, maxRemedies).join(', ')
  return jobs.length > maxRemedies ? `${shown} and ${jobs.length - maxRemedies} more` : shown
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
      return mend(orchestration, again, `Fix the build, push, and run ${again}.`)
    case 'unknown':
      return mend(orchestration, again, `Check the runs and pull requests named above, then run ${again}.`)
    case 'timed-out':
      return mend(orchestration, again, `Check what the runs waited for, or raise --timeout, then run ${again}.`)
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
