import { plural } from '../../lib/counted.js'
import { sanitize } from '../../lib/sanitize.js'
import type { NeedSource, ProposedNeed } from '../../model/proposed-need.js'
import type { RepoName } from '../../model/repo-name.js'
import { composeLine, markSpan } from '../style.js'
import type { Span, ViewOptions } from '../style.js'

export interface ShownProposal {
  /** Its name is left out of those of its repositories. */
  owner: string
  needs: readonly ProposedNeed[]
  leftOut: readonly ProposedNeed[]
  /** Each as `[a, b, a]`. */
  cycles: readonly (readonly RepoName[])[]
}

/** The most lines of files that are shown for each need. */
const maxSources = 3

/** What was found in the files of the repositories, with the line for each. Ends with a newline. */
export function renderProposal({ owner, needs, leftOut, cycles }: ShownProposal, options: ViewOptions): string {
  const shown = (repo: RepoName): string => sanitize(withoutOwner(repo, owner))
  const sentence = ({ dependent, needed }: ProposedNeed): string => `${shown(dependent)} needs ${shown(needed)}`
  const lines = [
    ...needs.flatMap((need) => [[{ text: sentence(need), paint: 'bold' } as const], ...sourceLines(need.sources)]),
    ...cycles.map((cycle) => [
      markSpan('warning', options),
      ` these need each other, so no order of them is possible: ${cycle.map(shown).join(' -> ')}`,
    ]),
    ...leftOut.flatMap((need) => [
      [markSpan('warning', options), ` left out: ${sentence(need)}`],
      ...sourceLines(need.sources),
    ]),
  ] satisfies (Span | string)[][]
  if (lines.length === 0) return 'No repository names another one of the list in its files.\n'
  return `${lines.map((line) => composeLine(line, options)).join('\n')}\n`
}

function sourceLines(sources: readonly NeedSource[]): (Span | string)[][] {
  const more = sources.length - maxSources
  return [
    ...sources
      .slice(0, maxSources)
      .map(({ file, line, text }) => [
        `  ${sanitize(file)}:${line}`,
        { text: ` names ${sanitize(text)}`, paint: 'dim' } as const,
      ]),
    ...(more > 0 ? [[{ text: `  and ${more} more ${plural(more, 'line')}`, paint: 'dim' } as const]] : []),
  ]
}

function withoutOwner(repo: RepoName, owner: string): string {
  const start = `${owner.toLowerCase()}/`
  return repo.toLowerCase().startsWith(start) ? repo.slice(start.length) : repo
}
