import { assertNever } from '../../lib/assert-never.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Passed } from '../../model/passed.js'
import type { ViewOptions } from '../style.js'
import { paragraph } from './summary.js'

/** `orch pass`: what became of the pull request, in one or two sentences. Ends with a newline. */
export function renderPassed(passed: Passed, options: ViewOptions): string {
  return `${paragraph(sanitize(describe(passed)), '', options).join('\n')}\n`
}

function describe({ repo, number, result }: Passed): string {
  const name = `${repo}#${number}`
  switch (result.kind) {
    case 'passed':
      return `Posted success on ${name} at ${result.headSha.slice(0, 7)}: it is not a coordinated change.`
    case 'unchanged':
      return `${name} has that success already.`
    case 'coordinated':
      return `Nothing was posted: ${name} is part of the change ${result.branch}. Only orch run unlocks it.`
    case 'shared-head':
      return (
        `Nothing was posted: ${repo}#${result.other}, which is part of a change, has the same head ` +
        `${result.headSha.slice(0, 7)}, and success would unlock it too. Push an empty commit to one of the two branches.`
      )
    case 'closed':
      return `Nothing was posted: ${name} is not open.`
    case 'other-repository':
      return `Nothing was posted: ${repo} is not part of the graph.`
    case 'failed':
    case 'auth':
      return result.failure.message
    default:
      return assertNever(result)
  }
}
