import { shortDiff } from '../../lib/line-diff.js'
import { sanitize } from '../../lib/sanitize.js'
import type { RepositorySetup, RulesetStep, SetupFile, SetupReport, SetupResult } from '../../model/setup.js'
import type { Paint } from '../paint.js'
import { composeLine, cutSign, markSpan } from '../style.js'
import type { ViewOptions } from '../style.js'
import { paragraph, withAddress } from './summary.js'

const fileWords: Record<SetupFile['step'], string> = {
  add: 'add',
  remove: 'remove',
  proposed: 'proposed by the open pull request',
  present: 'is there',
  absent: 'is not there',
  own: 'the repository has its own',
  edited: 'was edited since: it is left alone',
  outdated: 'is of an older orch or graph file: delete it to have it made again',
}

const rulesetWords: Record<RulesetStep, string> = {
  create: 'create',
  remove: 'remove',
  present: 'is there',
  absent: 'is not there',
  own: 'another rule requires the status',
  edited: 'was edited since: it is left alone',
}

/** The lines that a file gains, loses, or differs in from what orch made; `…` stands for lines that are left out. */
export function diffOf({ step, before, made }: SetupFile): string[] {
  switch (step) {
    case 'add':
      return lines('', made)
    case 'remove':
      return lines(before ?? made, '')
    case 'edited':
      return before === null ? [] : lines(made, before)
    case 'outdated':
      return before === null ? [] : lines(before, made)
    case 'proposed':
    case 'present':
    case 'absent':
    case 'own':
      return []
  }
}

/** Stands for lines that are the same. */
const leftOut = '…'

/** Files of ours are much shorter; what somebody made of one is cut, because it may be anything. */
const mostLines = 400

function lines(before: string, after: string): string[] {
  const diff = shortDiff(firstLines(before), firstLines(after))
  return diff.map((line) => (line === null ? leftOut : `${line.sign}${line.text}`))
}

function firstLines(text: string): string {
  return text.split('\n', mostLines).join('\n')
}

/** What `orch setup` would do, as a diff for each repository. Ends with a newline. */
export function renderSetupPlan(results: readonly SetupResult[], statusContext: string, options: ViewOptions): string {
  const blocks = results.map((result) => [
    composeLine([{ text: sanitize(result.repo), paint: 'bold' }], options),
    ...(result.setup === null ? failureLines(result, options) : planLines(result.setup, statusContext, options)),
  ])
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
}

function planLines(setup: RepositorySetup, statusContext: string, options: ViewOptions): string[] {
  const rule = `  ruleset ${sanitize(statusContext)} on ${sanitize(setup.defaultBranch)}: ${rulesetWords[setup.ruleset]}`
  const closes = setup.closes === null ? [] : [`  pull request #${setup.closes.number}: close`]
  return [...setup.files.flatMap((file) => fileLines(file, options)), composeLine([rule], options), ...closes]
}

const signPaints: Readonly<Record<string, Paint>> = { '+': 'green', '-': 'red', [leftOut]: 'dim' }

function fileLines(file: SetupFile, options: ViewOptions): string[] {
  const head = composeLine([`  ${sanitize(file.path)}: ${fileWords[file.step]}`], options)
  const diff = diffOf(file).map((line) => {
    const paint = signPaints[line.charAt(0)]
    const text = line === leftOut ? cutSign(options) : sanitize(line)
    // A line that is cut could not be reviewed.
    return composeLine(['    ', { text, ...(paint ? { paint } : {}) }], { ...options, columns: Infinity })
  })
  return [head, ...diff]
}

/**
 * What `orch setup` has done, one line for each repository, and what comes next. Ends with a newline.
 * @param flags what the next command needs as well, such as ` --sandbox`
 */
export function renderSetupResults(report: SetupReport, flags: string, options: ViewOptions): string {
  const lines = report.results.flatMap((result) => resultLines(result, options))
  return `${[...lines, ...nextLines(report, flags, options)].join('\n')}\n`
}

function resultLines(result: SetupResult, options: ViewOptions): string[] {
  const { repo, kind, pullRequest } = result
  const mark = markSpan(kind === 'failed' ? 'bad' : 'good', options)
  const what = kind === 'failed' ? 'not done' : kind === 'done' ? 'done' : 'nothing to do'
  const head = withAddress([mark, ` ${sanitize(repo)}  ${what}`], pullRequest?.url ?? null, options)
  return [...head, ...failureLines(result, options)]
}

function failureLines({ failure }: SetupResult, options: ViewOptions): string[] {
  if (failure === null) return []
  const remedy = failure.remedy === undefined ? [] : paragraph(`fix: ${sanitize(failure.remedy)}`, '  ', options)
  return [...paragraph(sanitize(failure.message), '  ', options), ...remedy]
}

/** A ruleset locks the pull requests of the setup as well. */
function nextLines({ results, isRemoval }: SetupReport, flags: string, options: ViewOptions): string[] {
  const open = results.filter(({ kind, pullRequest }) => kind === 'done' && pullRequest !== null)
  if (open.length === 0) return []
  if (isRemoval) return ['', ...paragraph('Review and merge the pull requests.', '', options)]
  const locked = open.find(({ setup }) => setup?.ruleset === 'create' || setup?.ruleset === 'present')
  const command = `orch pass --pull-request ${locked?.repo ?? ''}#${locked?.pullRequest?.number ?? ''}${flags}`
  const unlocking = locked ? ` The ruleset locks them too: ${sanitize(command)} unlocks one.` : ''
  const text = `Set the secret that the workflows name, then review and merge the pull requests.${unlocking}`
  return ['', ...paragraph(text, '', options)]
}
