import type { Job } from '../model/graph.js'
import { ownerProblem, repositoryProblem } from '../model/repo-name.js'
import type { Template } from '../model/build/template.js'
import { readBoolean, readFields, readText, readTexts } from './fields.js'
import type { GraphSettings } from './graph-settings.js'
import { maxInputs, maxInputsLength, readInputs } from './inputs.js'
import type { PlacedReference } from './inputs.js'
import { eventKeys, readJobEvent } from './job-event.js'
import { defaultSettings, readJobSettings, readOnLostDispatch, settingKeys } from './job-settings.js'
import type { Place, Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

const jobKeys = ['repo', 'needs', ...settingKeys, 'on-lost-dispatch', ...eventKeys, 'handoff'] as const

/** A job as written in the file, with the places at which the rules across jobs report. */
export interface JobEntry {
  /** Its needs are not checked: they may be unknown or form a cycle. `repo` is empty if it was wrong. */
  job: Job
  place: Place
  repoPlace: Place
  /** Of its inputs, or of the job if it has none. */
  inputsPlace: Place
  needs: readonly (Place & { id: string })[]
  references: readonly PlacedReference[]
}

/** Wrong settings are reported and replaced by their defaults, so that other jobs can still need the job. */
export function readJob(entry: Entry, settings: GraphSettings, problems: Problems): JobEntry {
  checkId(entry, problems)
  const what = `job ${quote(entry.key)}`
  const fields = readFields(entry.value, jobKeys, what, problems) ?? new Map<never, Entry>()
  const own = readJobSettings(fields, problems)
  const onLostDispatch = readOnLostDispatch(fields.get('on-lost-dispatch'), problems) ?? settings.onLostDispatch
  const read = readJobEvent(fields, what, problems)
  const isEvent = fields.has('event-type')
  // An event starts a run of the default branch, whether or not the repository has the branch of the change.
  const withoutBranch =
    own.withoutBranch ?? (isEvent ? 'build' : settings.defaults.withoutBranch) ?? defaultSettings.withoutBranch
  const inputs = readInputs(fields.get('inputs'), what, problems)
  const templates = new Map(isEvent ? [] : [...settings.defaults.inputs.templates, ...inputs.templates])
  checkInputs(templates, fields.get('inputs')?.place ?? entry.place, what, problems)
  const needs = (readTexts(fields.get('needs'), problems) ?? []).map(({ text, start, end }) => ({
    id: text,
    start,
    end,
  }))
  const { defaults } = settings
  const approvalTimeoutMs = own.approvalTimeoutMs ?? defaults.approvalTimeoutMs
  return {
    job: {
      id: entry.key,
      repo: readRepo(entry, fields.get('repo'), settings.owner, problems),
      needs: needs.map((need) => need.id),
      workflow: isEvent ? '' : (own.workflow ?? defaults.workflow ?? defaultSettings.workflow),
      ...(read ? { event: read.event } : {}),
      inputs: Object.fromEntries(templates),
      timeoutMs: own.timeoutMs ?? defaults.timeoutMs ?? defaultSettings.timeoutMs,
      queueTimeoutMs: own.queueTimeoutMs ?? defaults.queueTimeoutMs ?? defaultSettings.queueTimeoutMs,
      ...(approvalTimeoutMs === undefined ? {} : { approvalTimeoutMs }),
      retries: own.retries ?? defaults.retries ?? defaultSettings.retries,
      retryOn: own.retryOn ?? defaults.retryOn ?? defaultSettings.retryOn,
      ...(onLostDispatch === 'dispatch-again' ? { onLostDispatch } : {}),
      ...(withoutBranch === 'build' ? { withoutBranch } : {}),
      ...(readBoolean(fields.get('handoff'), problems) === true ? { handoff: true } : {}),
    },
    place: entry.place,
    repoPlace: fields.get('repo')?.value ?? entry.place,
    inputsPlace: fields.get('inputs')?.place ?? entry.place,
    needs,
    references: [...inputs.references, ...(read?.references ?? [])],
  }
}

function checkId({ key, place }: Entry, problems: Problems): void {
  if (key.length > 100) problems.error(place, `the job id ${quote(key)} is longer than 100 characters`)
  else if (!/^[A-Za-z_][A-Za-z0-9_-]*$/u.test(key)) {
    const id = key.replaceAll(/[^A-Za-z0-9_-]/gu, '-').replace(/^(?![A-Za-z_])/u, '_')
    const hint = 'start with a letter or _, followed by letters, digits, - and _'
    const instead =
      repositoryProblem(key) === undefined ? `; for a repository of that name: ${id}: { repo: ${key} }` : ''
    problems.error(place, `${quote(key)} is not a valid job id`, `${hint}${instead}`)
  }
}

/** `owner/name`; empty: it is wrong, which is reported. */
function readRepo(job: Entry, entry: Entry | undefined, owner: string | null | undefined, problems: Problems): string {
  const written = entry ? readText(entry, problems) : job.key
  if (written === undefined) return ''
  const place = entry?.value ?? job.place
  const halves = written.split('/')
  const name = halves.at(-1) ?? ''
  const givenOwner = halves.length === 1 ? owner : (halves[0] ?? '')
  if (halves.length > 2) {
    problems.error(place, `${quote(written)} is not a valid repository`, 'write name or owner/name, not an address')
    return ''
  }
  if (givenOwner === undefined) {
    problems.error(place, `${quote(written)} has no owner`, 'write owner/name, or set the key "owner" of the file')
    return ''
  }
  const ownerError = halves.length === 2 ? ownerProblem(givenOwner ?? '') : undefined
  if (ownerError !== undefined)
    problems.error(place, `the owner in ${quote(written)} is not a valid GitHub name: ${ownerError}`)
  // A job id that is not a valid repository name was reported by checkId.
  const nameError = repositoryProblem(name)
  if (nameError !== undefined && entry)
    problems.error(place, `the repository in ${quote(written)} is not a valid GitHub name: ${nameError}`)
  return givenOwner === null || ownerError !== undefined || nameError !== undefined ? '' : `${givenOwner}/${name}`
}

function checkInputs(inputs: ReadonlyMap<string, Template>, place: Place, what: string, problems: Problems): void {
  if (inputs.size > maxInputs) {
    const message = `${what} has ${inputs.size} inputs, including those of "defaults", but GitHub allows at most ${maxInputs}`
    problems.error(place, message)
  }
  let length = 0
  for (const [name, template] of inputs) length += name.length + template.source.length
  if (length > maxInputsLength) {
    const limit = maxInputsLength.toLocaleString('en')
    problems.error(place, `the inputs of ${what} are longer than the ${limit} characters that GitHub allows`)
  }
}
