import type { Job, JobEvent } from '../model/graph.js'
import { markerInput } from '../model/build/marker.js'
import { eventLimits } from '../model/repository-event.js'
import { handoffInput, handoffLength, handoffTemplate } from '../model/build/handoff.js'
import type { HandingJob } from '../model/build/template.js'
import { maxInputs, maxInputsLength } from './inputs.js'
import type { JobEntry } from './job-entry.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'

/** Gives each job that needs one with `handoff: true` the input that names what is handed on. */
export function addHandoffs(jobs: readonly Job[], entries: readonly JobEntry[], problems: Problems): Job[] {
  const handing = new Map<string, HandingJob>()
  for (const { id, repo, handoff } of jobs) if (handoff === true) handing.set(id, { job: id, repository: repo })
  const needed = new Set(jobs.flatMap(({ needs }) => needs))
  const places = new Map(entries.map((entry) => [entry.job.id, entry]))
  return jobs.map((job) => {
    const entry = places.get(job.id)
    if (!entry) throw new Error(`the job ${job.id} is not in the file`)
    if (job.handoff === true && !needed.has(job.id)) {
      problems.warning(entry.place, `job ${quote(job.id)} hands on, but no job needs it`, 'remove "handoff"')
    }
    const from = job.needs.flatMap((need) => handing.get(need) ?? [])
    if (from.length === 0) return job
    const template = handoffTemplate(from)
    const problem = job.event ? keyProblem(job, job.event, from) : inputProblem(job, from, handoffLength(template))
    if (problem) problems.error(entry.inputsPlace, ...problem)
    return { ...job, inputs: { ...job.inputs, [handoffInput]: template } }
  })
}

/** Why the payload of a job cannot get the key, with a hint; null: it can. One more key is left for the marker. */
function keyProblem(
  { id }: Job,
  { payload }: JobEvent,
  from: readonly HandingJob[],
): [message: string, hint: string] | null {
  if (payload.some(([key]) => key === handoffInput)) {
    const message = `the payload of job ${quote(id)} gets the key "handoff" from what it needs, and cannot have another one`
    return [message, `rename the key, or remove handoff: true from ${from.map(({ job }) => job).join(', ')}`]
  }
  if (payload.length + 2 <= eventLimits.payloadKeys) return null
  const message = `the payload of job ${quote(id)} has no room for the key "handoff", which it gets from what it needs`
  return [message, `GitHub allows at most ${eventLimits.payloadKeys} keys, one of which is ${markerInput}`]
}

/** Why a job cannot get the input, with a hint; null: it can. */
function inputProblem(
  { id, inputs }: Job,
  from: readonly HandingJob[],
  length: number,
): [message: string, hint: string] | null {
  if (Object.hasOwn(inputs, handoffInput)) {
    const message = `job ${quote(id)} gets the input "handoff" from what it needs, and cannot have another one`
    return [message, `rename the input, or remove handoff: true from ${from.map(({ job }) => job).join(', ')}`]
  }
  const count = Object.keys(inputs).length + 1
  const own = Object.entries(inputs).reduce((sum, [name, { source }]) => sum + name.length + source.length, 0)
  if (count <= maxInputs && own + handoffInput.length + length <= maxInputsLength) return null
  const message = `job ${quote(id)} has no room for the input "handoff", which it gets from what it needs`
  return [message, `GitHub allows at most ${maxInputs} inputs and ${maxInputsLength.toLocaleString('en')} characters`]
}
