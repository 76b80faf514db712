import { sanitize } from '../../lib/sanitize.js'
import type { PostRound } from '../../model/build/state/post-state.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import { repositoriesOf } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import type { StatusEventJson } from '../../model/wire/status-events.js'
import { labelRepositories } from '../repo-label.js'
import { failureText } from './plain-line.js'
import type { LineFormatters, PlainLine } from './plain-line.js'

const roundWords: Record<PostRound, string> = {
  claim: 'locked',
  success: 'unlocked',
  closing: 'stays locked',
  revoke: 'locked again',
}

/** The lines about the commit statuses of the change: one for each pull request of the head. */
export const statusLines: LineFormatters<StatusEventJson['type']> = {
  'status-requested': () => [],
  'status-posted': ({ repo, round, status }, orchestration) =>
    linesOfHead(repo, orchestration, (url) => {
      const state = round === 'success' ? '' : `(${status.state})  `
      return { word: roundWords[round], text: `${state}${sanitize(url)}` }
    }),
  'status-failed': ({ repo, round, failure }, orchestration) => {
    const post = orchestration.posts.get(repoKey(repo))?.[round]
    const repetition = post?.phase === 'failed' ? post.repetition : undefined
    // The repetitions of a post are reported only by their end.
    if (repetition && repetition.count > 1) return []
    return linesOfHead(repo, orchestration, () => ({
      word: round === 'success' ? 'not unlocked' : 'not locked',
      text: repetition ? `${sanitize(failure.message)}; trying again` : failureText(failure),
    }))
  },
  'status-withheld': ({ repo, reason }, orchestration) =>
    linesOfHead(repo, orchestration, () => ({ word: 'left alone', text: sanitize(reason) })),
}

function linesOfHead(
  repo: string,
  { plan }: Orchestration,
  lineOf: (pullRequestUrl: string) => Omit<PlainLine, 'subject'>,
): PlainLine[] {
  const label = labelRepositories(repositoriesOf(plan.graph))
  const target = plan.targets.find((candidate) => repoKey(candidate.repo) === repoKey(repo))
  return (target?.pullRequests ?? []).map(({ number, url }) => ({
    subject: `${label(repo)}#${number}`,
    ...lineOf(url),
  }))
}
