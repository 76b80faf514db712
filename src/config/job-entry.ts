import type { Job } from '../model/graph.js'
import { ownerProblem, repositoryProblem } from '../model/repo-name.js'
import type { Template } from '../model/build/template.js'
import { readFields, readText, readTexts } from './fields.js'
import type { GraphSettings } from './graph-settings.js'
import { maxInputs, maxInputsLength, readInputs } from './inputs.js'
import type { PlacedReference } from './inputs.js'
import { defaultSettings, readJobSettings, settingKeys } from './job-settings.js'
import type { Place, Problems } from './problems.js'
import { quote } from './value.js'
import type { Entry } from './value.js'

const jobKeys = ['repo', 'needs', ...settingKeys] as const

/** A job as the file tells it, with the places that the rules across jobs report at. */
export interface JobEntry {
  /** Its needs are as written: they may be unknown or go in a circle. `repo` is empty where it was wrong. */
  job: Job
  place: Place
  repoPlace: Place
  needs: readonly (Place & { id: string })[]
  references: readonly PlacedReference[]
}

/** What is wrong in it is reported and stands as its default, so that other jobs may still need it. */
export function readJob(entry: Entry, settings: GraphSettings, problems: Problems): JobEntry {
  checkId(entry, problems)
  const what = `job ${quote(entry.key)}`
  const fields = readFields(entry.value, jobKeys, what, problems) ?? new Map<never, Entry>()
  const own = readJobSettings(fields, problems)
  const inputs = readInputs(fields.get('inputs'), what, problems)
  const templates = new Map([...settings.defaults.inputs.templates, ...inputs.templates])
  checkInputs(templates, fields.get('inputs')?.place ?? entry.place, what, problems)
  const needs = (readTexts(fields.get('needs'), problems) ?? []).map(({ text, start, end }) => ({
    id: text,
    start,
    end,
  }))
  const { defaults } = settings
  return {
    job: {
      id: entry.key,
      repo: readRepo(entry, fields.get('repo'), settings.owner, problems),
      needs: needs.map((need) => need.id),
      workflow: own.workflow ?? defaults.workflow ?? defaultSettings.workflow,
      inputs: Object.fromEntries(templates),
      timeoutMs: own.timeoutMs ?? defaults.timeoutMs ?? defaultSettings.timeoutMs,
      queueTimeoutMs: own.queueTimeoutMs ?? defaults.queueTimeoutMs ?? defaultSettings.queueTimeoutMs,
      retries: own.retries ?? defaults.retries ?? defaultSettings.retries,
      retryOn: own.retryOn ?? defaults.retryOn ?? defaultSettings.retryOn,
    },
    place: entry.place,
    repoPlace: fields.get('repo')?.value ?? entry.place,
    needs,
    references: inputs.references,
  }
}

function checkId({ key, place }: Entry, problems: Problems): void {
  if (key.length > 100) problems.error(place, `the job id ${quote(key)} is longer than 100 characters`)
  else if (!/^[A-Za-z_][A-Za-z0-9_-]*$/u.test(key)) {
    const id = key.replaceAll(/[^A-Za-z0-9_-]/gu, '-').replace(/^(?![A-Za-z_])/u, '_')
    const hint = 'a letter or _ first, then letters, digits, - and _'
    const instead =
      repositoryProblem(key) === undefined ? `; for a repository of that name: ${id}: { repo: ${key} }` : ''
    problems.error(place, `${quote(key)} is no job id`, `${hint}${instead}`)
  }
}

/** `owner/name`, or the empty string where it cannot be told. */
function readRepo(job: Entry, entry: Entry | undefined, owner: string | null | undefined, problems: Problems): string {
  const written = entry ? readText(entry, problems) : job.key
  if (written === undefined) return ''
  const place = entry?.value ?? job.place
  const halves = written.split('/')
  const name = halves.at(-1) ?? ''
  const givenOwner = halves.length === 1 ? owner : (halves[0] ?? '')
  if (halves.length > 2) {
    problems.error(place, `${quote(written)} is no repository`, 'write name or owner/name, without an address')
    return ''
  }
  if (givenOwner === undefined) {
    problems.error(place, `${quote(written)} has no owner`, 'write owner/name, or set the key "owner" of the file')
    return ''
  }
  const ownerIs = halves.length === 2 ? ownerProblem(givenOwner ?? '') : undefined
  if (ownerIs !== undefined) problems.error(place, `the owner in ${quote(written)} is no GitHub name: ${ownerIs}`)
  // A job id that could name no repository has been reported as an id.
  const nameIs = repositoryProblem(name)
  if (nameIs !== undefined && entry)
    problems.error(place, `the repository in ${quote(written)} is no GitHub name: ${nameIs}`)
  return givenOwner === null || ownerIs !== undefined || nameIs !== undefined ? '' : `${givenOwner}/${name}`
}

function checkInputs(inputs: ReadonlyMap<string, Template>, place: Place, what: string, problems: Problems): void {
  if (inputs.size > maxInputs) {
    const message = `${what} has ${inputs.size} inputs with those of "defaults", and GitHub takes ${maxInputs}`
    problems.error(place, message)
  }
  let length = 0
  for (const [name, template] of inputs) length += name.length + template.source.length
  if (length > maxInputsLength) {
    const limit = maxInputsLength.toLocaleString('en')
    problems.error(place, `the inputs of ${what} are longer than the ${limit} characters that GitHub takes`)
  }
}
