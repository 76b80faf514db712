import { eventTypeProblem, payloadProblem, repositoryNameProblem } from '../../model/repository-event.js'
import type { EventPayload } from '../../model/repository-event.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { usageProblem } from '../problem.js'
import type { Problem } from '../problem.js'

/** An event for repositories. */
export interface NewRepositoryEvent {
  repositories: readonly RepoName[]
  eventType: string
  payload: EventPayload
}

/** The longest time for which the runs of an event are awaited, if the user names none, ms. */
export const defaultWaitMs = 6 * 3_600_000

/** Everything that GitHub would refuse, as far as it is known without a request. */
export function eventProblems({ repositories, eventType, payload }: NewRepositoryEvent): Problem[] {
  const type = eventTypeProblem(eventType)
  const tooLarge = payloadProblem(payload)
  return [
    ...repositoryProblems(repositories),
    ...(type === undefined
      ? []
      : [usageProblem('the event type is not valid', type, 'Write it like release-published.')]),
    ...(tooLarge === undefined ? [] : [largePayload(tooLarge)]),
  ]
}

function repositoryProblems(repositories: readonly RepoName[]): Problem[] {
  const seen = new Set<string>()
  return repositories.flatMap((repo) => {
    const problem = repositoryNameProblem(repo)
    if (problem !== undefined)
      return [usageProblem(`"${repo}" is not a valid repository`, problem, 'Write it like acme/docs.')]
    if (!seen.has(repoKey(repo))) {
      seen.add(repoKey(repo))
      return []
    }
    return [usageProblem(`${repo} is named twice`, 'each repository gets the event once', 'Name it once.')]
  })
}

/** A payload that is over a limit, as `payloadProblem` describes it. */
export function largePayload(why: string): Problem {
  const remedy = 'Put several values into one object, or send less, such as the address of the rest.'
  return usageProblem('the payload is too large', why, remedy)
}
