import { readNumber, readText } from './fields.js'
import type { Fields } from './fields.js'
import { onLostDispatchWords, retryOnWords, withoutBranchWords } from '../model/graph.js'
import type { OnLostDispatch, RetryOn, WithoutBranch } from '../model/graph.js'
import { didYouMean } from '../lib/did-you-mean.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

/** The settings that both a job and `defaults` may have; undefined: absent, or wrong and reported. */
export interface JobSettings {
  /** File name below `.github/workflows/`. */
  workflow: string | undefined
  timeoutMs: number | undefined
  queueTimeoutMs: number | undefined
  approvalTimeoutMs: number | undefined
  retries: number | undefined
  retryOn: RetryOn | undefined
  withoutBranch: WithoutBranch | undefined
}

/** Used where neither the job nor `defaults` has the setting. */
export const defaultSettings = {
  workflow: 'build.yml',
  timeoutMs: 30 * 60_000,
  queueTimeoutMs: 60 * 60_000,
  retries: 0,
  retryOn: 'any',
  withoutBranch: 'skip',
} as const

export const settingKeys = [
  'workflow',
  'inputs',
  'timeout-minutes',
  'queue-timeout-minutes',
  'approval-timeout-minutes',
  'retries',
  'retry-on',
  'without-branch',
] as const
export type SettingKey = (typeof settingKeys)[number]

export function readJobSettings(fields: Fields<SettingKey>, problems: Problems): JobSettings {
  return {
    workflow: readWorkflow(fields.get('workflow'), problems),
    timeoutMs: readMinutes(fields.get('timeout-minutes'), problems),
    queueTimeoutMs: readMinutes(fields.get('queue-timeout-minutes'), problems),
    approvalTimeoutMs: readMinutes(fields.get('approval-timeout-minutes'), problems),
    retries: readRetries(fields.get('retries'), problems),
    retryOn: readRetryOn(fields.get('retry-on'), problems),
    withoutBranch: readWithoutBranch(fields.get('without-branch'), problems),
  }
}

/** GitHub ends every workflow run after 35 days. */
const maxMinutes = 35 * 24 * 60

export function readMinutes(entry: Entry | undefined, problems: Problems): number | undefined {
  const minutes = readNumber(entry, problems)
  if (minutes === undefined || !entry) return undefined
  if (minutes > 0 && minutes <= maxMinutes) return Math.max(1, Math.round(minutes * 60_000))
  const range = `greater than 0 and at most ${maxMinutes.toLocaleString('en')} (35 days)`
  problems.error(entry.value, `${quote(entry.key)} must be a number of minutes ${range}`)
  return undefined
}

const maxRetries = 10

function readRetries(entry: Entry | undefined, problems: Problems): number | undefined {
  const count = readNumber(entry, problems)
  if (count === undefined || !entry) return undefined
  if (Number.isInteger(count) && count >= 0 && count <= maxRetries) return count
  problems.error(entry.value, `${quote(entry.key)} must be a whole number from 0 to ${maxRetries}`)
  return undefined
}

function readRetryOn(entry: Entry | undefined, problems: Problems): RetryOn | undefined {
  const text = readText(entry, problems)
  if (text === undefined || !entry) return undefined
  const known = retryOnWords.find((word) => word === text)
  if (known === undefined) {
    const hint = didYouMean(text, retryOnWords) ?? 'infrastructure: startup_failure, timed_out, cancelled on GitHub'
    problems.error(entry.value, `${quote(entry.key)} must be any or infrastructure, not ${quote(text)}`, hint)
  }
  return known
}

function readWithoutBranch(entry: Entry | undefined, problems: Problems): WithoutBranch | undefined {
  const text = readText(entry, problems)
  if (text === undefined || !entry) return undefined
  const known = withoutBranchWords.find((word) => word === text)
  if (known === undefined) {
    const hint = didYouMean(text, withoutBranchWords) ?? 'build builds the default branch where the branch is absent'
    problems.error(entry.value, `${quote(entry.key)} must be skip or build, not ${quote(text)}`, hint)
  }
  return known
}

/** A key of the file and of a job. */
export function readOnLostDispatch(entry: Entry | undefined, problems: Problems): OnLostDispatch | undefined {
  const text = readText(entry, problems)
  if (text === undefined || !entry) return undefined
  const known = onLostDispatchWords.find((word) => word === text)
  if (known === undefined) {
    const hint =
      didYouMean(text, onLostDispatchWords) ?? 'dispatch-again dispatches the job once more if no run appears'
    problems.error(entry.value, `${quote(entry.key)} must be stop or dispatch-again, not ${quote(text)}`, hint)
  }
  return known
}

function readWorkflow(entry: Entry | undefined, problems: Problems): string | undefined {
  const text = readText(entry, problems)
  if (text === undefined || !entry) return undefined
  const file = text.replace(/^(?:\.?\/)?\.github\/workflows\//u, '')
  const hint = 'name a file in .github/workflows, such as build.yml'
  if (/[/\\\p{C}]/u.test(file)) problems.error(entry.value, `${quote(text)} is not in .github/workflows`, hint)
  else if (!/.\.ya?ml$/u.test(file))
    problems.error(entry.value, `${quote(text)} is not a workflow file: its extension must be .yml or .yaml`, hint)
  else return file
  return undefined
}
