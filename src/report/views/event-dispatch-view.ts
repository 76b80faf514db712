import { assertNever } from '../../lib/assert-never.js'
import { sanitize, webAddress } from '../../lib/sanitize.js'
import type { EventDelivery, EventRequest, EventRun } from '../../model/event-delivery.js'
import type { RepoName } from '../../model/repo-name.js'
import { composeLine, markSpan } from '../style.js'
import type { Mark, ViewOptions } from '../style.js'

/** What became of the request with an event, as a line without a newline. */
export function requestLine(
  eventType: string,
  { repo, request, receivers }: Pick<EventDelivery, 'repo' | 'request' | 'receivers'>,
  options: ViewOptions,
): string {
  const [mark, verb] = describeRequest(request)
  const text = ` ${verb} ${sanitize(eventType)} to ${sanitize(repo)}`
  return composeLine([markSpan(mark, options), text, request.kind === 'planned' ? startsText(receivers) : ''], options)
}

function describeRequest(request: EventRequest): [Mark, string] {
  switch (request.kind) {
    case 'planned':
      return ['waiting', 'would send']
    case 'accepted':
      return ['good', 'sent']
    case 'refused':
      return ['bad', 'could not send']
    case 'unknown':
      return ['warning', 'may have sent']
    case 'withheld':
      return ['bad', 'did not send']
    default:
      return assertNever(request)
  }
}

function startsText(receivers: EventDelivery['receivers']): string {
  if (receivers === null) return ''
  if (receivers.length === 0) return ', where no workflow runs on it'
  return `, which starts ${receivers.map(({ workflow }) => sanitize(workflow)).join(', ')}`
}

/** The run that an event started, when it was found. */
export function foundLine(
  { repo, workflow, url }: { repo: RepoName; workflow: string; url: string },
  options: ViewOptions,
): string {
  return runLine('active', { repo, workflow, url, text: 'found' }, options)
}

/** How a run that was awaited ended. */
export function endLine(repo: RepoName, { workflow, url, outcome, reason }: EventRun, options: ViewOptions): string {
  const text = outcome === 'succeeded' ? outcome : `${outcome}: ${reason}`
  return runLine(outcome === 'succeeded' ? 'good' : 'bad', { repo, workflow, url, text }, options)
}

function runLine(
  mark: Mark,
  { repo, workflow, url, text }: { repo: RepoName; workflow: string; url: string | null; text: string },
  options: ViewOptions,
): string {
  const address = url === null ? null : webAddress(url)
  const end = address === null ? '' : `  ${address}`
  return composeLine(
    [markSpan(mark, options), ` ${sanitize(repo)}  ${sanitize(workflow)}  ${sanitize(text)}${end}`],
    options,
  )
}
