import { didYouMean } from '../lib/did-you-mean.js'
import { compilePattern } from '../model/branch-pattern.js'
import { maxContextLength } from '../model/build/job-record.js'
import { membersWithoutPullRequestWords, otherPullRequestsWords, stackedPullRequestsWords } from '../model/graph.js'
import type {
  AutoRun,
  MembersWithoutPullRequest,
  OnLostDispatch,
  OtherPullRequests,
  StackedPullRequests,
} from '../model/graph.js'
import { ownerProblem } from '../model/repo-name.js'
import type { Concurrency, ScheduleEntry, SlackSettings } from '../model/service-settings.js'
import { readBoolean, readFields, readNumber, readText, readTexts } from './fields.js'
import { readInputs } from './inputs.js'
import type { Inputs } from './inputs.js'
import { readJobSettings, readOnLostDispatch, settingKeys } from './job-settings.js'
import type { JobSettings } from './job-settings.js'
import { readAutoRun } from './auto-run.js'
import { readConcurrency } from './concurrency.js'
import { readSchedule } from './schedule.js'
import { readSlack } from './slack.js'
import { readFreshFor, readTrustedAuthors } from './freshness-settings.js'
import type { Place, Problems } from './yaml/problems.js'
import { describe, quote } from './yaml/value.js'
import type { Entry, Value } from './yaml/value.js'

const fileKeys = [
  'version',
  'owner',
  'branches',
  'status-context',
  'fail-fast',
  'max-parallel',
  'trusted-authors',
  'fresh-for',
  'on-lost-dispatch',
  'members-without-pull-request',
  'stacked-pull-requests',
  'other-pull-requests',
  'auto-run',
  'concurrency',
  'schedule',
  'slack',
  'defaults',
  'jobs',
] as const

/** The settings of the file, without its jobs. A wrong setting is reported and replaced by its default, so that all problems are found. */
export interface GraphSettings {
  /** undefined: absent; null: present, but wrong. */
  owner: string | null | undefined
  branches: readonly string[]
  statusContext: string
  statusContextPlace: Place | undefined
  failFast: boolean
  maxParallel: number | null
  trustedAuthors: readonly string[] | undefined
  freshForMs: number | undefined
  /** For the jobs that do not set it. */
  onLostDispatch: OnLostDispatch | undefined
  membersWithoutPullRequest: MembersWithoutPullRequest | undefined
  stackedPullRequests: StackedPullRequests | undefined
  otherPullRequests: OtherPullRequests | undefined
  autoRun: AutoRun | undefined
  concurrency: Concurrency | undefined
  schedule: readonly ScheduleEntry[] | undefined
  slack: SlackSettings | undefined
  defaults: JobSettings & { inputs: Inputs }
  jobs: readonly Entry[]
}

/** undefined: the file is empty or not a map, which is reported. */
export function readGraphSettings(root: Value, problems: Problems): GraphSettings | undefined {
  const top = { start: 0, end: 1 }
  if (root.kind === 'null') {
    problems.error(top, 'the file is empty', 'it needs version: 1, branches and jobs')
    return undefined
  }
  const fields = readFields(root, fileKeys, 'the file', problems)
  if (!fields || root.kind !== 'map') return undefined
  const place = root.entries[0]?.place ?? top
  for (const key of ['version', 'branches', 'jobs'] as const) {
    if (!fields.has(key)) problems.error(place, `the key "${key}" is missing`, missingHints[key])
  }
  readVersion(fields.get('version'), problems)
  const context = fields.get('status-context')
  const branches = readBranches(fields.get('branches'), problems)
  return {
    owner: readOwner(fields.get('owner'), problems),
    branches,
    statusContext: readStatusContext(context, problems) ?? 'orchestrator-build',
    statusContextPlace: context?.value,
    failFast: readBoolean(fields.get('fail-fast'), problems) ?? true,
    maxParallel: readMaxParallel(fields.get('max-parallel'), problems),
    trustedAuthors: readTrustedAuthors(fields.get('trusted-authors'), problems),
    freshForMs: readFreshFor(fields.get('fresh-for'), problems),
    onLostDispatch: readOnLostDispatch(fields.get('on-lost-dispatch'), problems),
    membersWithoutPullRequest: readWord(
      fields.get('members-without-pull-request'),
      membersWithoutPullRequestWords,
      problems,
    ),
    stackedPullRequests: readWord(fields.get('stacked-pull-requests'), stackedPullRequestsWords, problems),
    otherPullRequests: readWord(fields.get('other-pull-requests'), otherPullRequestsWords, problems),
    autoRun: readAutoRun(fields.get('auto-run'), problems),
    concurrency: readConcurrency(fields.get('concurrency'), problems),
    schedule: readSchedule(fields.get('schedule'), branches, problems),
    slack: readSlack(fields.get('slack'), problems),
    defaults: readDefaults(fields.get('defaults'), problems),
    jobs: readJobEntries(fields.get('jobs'), problems),
  }
}

const missingHints = {
  version: 'write version: 1',
  branches: 'name the branches of coordinated changes, such as branches: DPTA-*',
  jobs: 'name the repositories to build, such as jobs: { repoA: {}, repoB: { needs: repoA } }',
}

function readVersion(entry: Entry | undefined, problems: Problems): void {
  if (!entry || (entry.value.kind === 'number' && entry.value.number === 1)) return
  const place = entry.value.kind === 'null' ? entry.place : entry.value
  problems.error(
    place,
    `"version" must be 1, not ${describe(entry.value)}`,
    'this orch reads version: 1 of the graph file',
  )
}

function readOwner(entry: Entry | undefined, problems: Problems): string | null | undefined {
  if (!entry) return undefined
  const owner = readText(entry, problems)
  if (owner === undefined) return null
  const problem = ownerProblem(owner)
  if (problem === undefined) return owner
  problems.error(entry.value, `${quote(owner)} is not a valid GitHub user or organization name: ${problem}`)
  return null
}

function readBranches(entry: Entry | undefined, problems: Problems): string[] {
  const patterns = readTexts(entry, problems)
  if (!patterns || !entry) return []
  for (const pattern of patterns) {
    const compiled = compilePattern(pattern.text)
    if (!compiled.ok)
      problems.error(pattern, `${quote(pattern.text)} is not a valid branch pattern: ${compiled.problem}`)
  }
  const texts = patterns.map((pattern) => pattern.text)
  const firstPositive = texts.findIndex((text) => !text.startsWith('!'))
  if (firstPositive < 0 && (texts.length > 0 || isEmptyList(entry.value))) {
    problems.error(entry.value, '"branches" matches no branch', 'add at least one pattern without a leading !')
  } else {
    for (const pattern of patterns.slice(0, Math.max(0, firstPositive))) {
      problems.warning(
        pattern,
        `${quote(pattern.text)} excludes nothing`,
        'move it after the pattern from which it excludes',
      )
    }
  }
  return texts
}

function isEmptyList(value: Value): boolean {
  return value.kind === 'list' && value.items.length === 0
}

function readStatusContext(entry: Entry | undefined, problems: Problems): string | undefined {
  const context = readText(entry, problems)
  if (context === undefined || !entry) return undefined
  const length = Array.from(context).length
  if (context.trim() === '')
    problems.error(entry.value, '"status-context" is empty', 'remove it to use orchestrator-build')
  else if (context !== context.trim()) problems.error(entry.value, '"status-context" starts or ends with a space')
  else if (/[\p{C}\p{Zl}\p{Zp}]/u.test(context))
    problems.error(entry.value, '"status-context" contains a control character')
  else if (length > maxContextLength) {
    problems.error(
      entry.value,
      `"status-context" is ${length} characters long, but GitHub allows at most ${maxContextLength}`,
    )
  }
  return context
}

function readMaxParallel(entry: Entry | undefined, problems: Problems): number | null {
  const count = readNumber(entry, problems)
  if (count === undefined || !entry) return null
  if (Number.isSafeInteger(count) && count >= 1) return count
  problems.error(entry.value, '"max-parallel" must be a whole number of at least 1', 'remove it for no limit')
  return null
}

/** One of the words that the key allows. */
function readWord<Word extends string>(
  entry: Entry | undefined,
  words: readonly Word[],
  problems: Problems,
): Word | undefined {
  const word = readText(entry, problems)
  if (word === undefined || !entry) return undefined
  const known = words.find((each) => each === word)
  if (known === undefined) {
    const message = `${quote(entry.key)} must be ${words.join(' or ')}, not ${quote(word)}`
    problems.error(entry.value, message, didYouMean(word, words))
  }
  return known
}

function readDefaults(entry: Entry | undefined, problems: Problems): GraphSettings['defaults'] {
  const fields = (entry && readFields(entry.value, settingKeys, '"defaults"', problems)) ?? new Map<never, Entry>()
  const inputs = readInputs(fields.get('inputs'), '"defaults"', problems)
  for (const reference of inputs.references) {
    const message = 'an input in "defaults" applies to every job, and cannot refer to needs'
    problems.error(reference, message, `move the input to the jobs that need ${reference.job}`)
  }
  return { ...readJobSettings(fields, problems), inputs }
}

function readJobEntries(entry: Entry | undefined, problems: Problems): readonly Entry[] {
  if (!entry) return []
  if (entry.value.kind === 'null' || (entry.value.kind === 'map' && entry.value.entries.length === 0)) {
    problems.error(entry.place, 'the file has no jobs', 'add a repository below it, such as repoA: {}')
    return []
  }
  if (entry.value.kind === 'map') return entry.value.entries
  const hint = 'write one line for each repository, such as "repoA: {}" and "repoB: { needs: repoA }"'
  problems.error(entry.value, `"jobs" must be a map, not ${describe(entry.value)}`, hint)
  return []
}
