import { needsThrough, sortJobs } from '../model/graph.js'
import type { Job } from '../model/graph.js'
import { jobContext, maxContextLength } from '../model/build/job-record.js'
import { repoKey } from '../model/repo-name.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { addHandoffs } from './handoff.js'
import type { GraphSettings } from './graph-settings.js'
import type { JobEntry } from './job-entry.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'

/** Checks the rules across jobs. Returns the jobs in topological order; null: they have a cycle, which is reported. */
export function checkGraph(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): Job[] | null {
  const ids = new Set(entries.map(({ job }) => job.id))
  checkBuildsDiffer(entries, problems)
  checkContext(entries, settings, problems)
  checkJobContexts(entries, settings, problems)
  const jobs = entries.map((entry) => ({ ...entry.job, needs: checkNeeds(entry, ids, problems) }))
  const sorted = sortJobs(jobs)
  if (sorted.ok) {
    checkReferences(entries, sorted.jobs, problems)
    return addHandoffs(sorted.jobs, entries, problems)
  }
  const byId = new Map(entries.map((entry) => [entry.job.id, entry]))
  for (const cycle of sorted.cycles) reportCycle(cycle, byId, problems)
  checkReferences(entries, null, problems)
  return null
}

/** The valid needs of a job: known, not the job itself, and each once. */
function checkNeeds({ job, needs }: JobEntry, ids: ReadonlySet<string>, problems: Problems): string[] {
  const right = new Set<string>()
  for (const need of needs) {
    if (need.id === job.id) problems.error(need, `job ${quote(job.id)} needs itself`, 'remove it')
    else if (!ids.has(need.id)) problems.error(need, `unknown job ${quote(need.id)}`, () => jobHint(need.id, ids))
    else if (right.has(need.id)) problems.error(need, `job ${quote(need.id)} is needed twice`, 'list it once')
    else right.add(need.id)
  }
  return [...right]
}

function jobHint(id: string, ids: ReadonlySet<string>): string {
  const some = [...ids].slice(0, 10)
  return didYouMean(id, ids) ?? `the jobs are ${some.join(', ')}${ids.size > some.length ? ', …' : ''}`
}

function reportCycle(cycle: readonly string[], byId: ReadonlyMap<string, JobEntry>, problems: Problems): void {
  const [first = '', second = ''] = cycle
  const entry = byId.get(first)
  const place = entry?.needs.find((need) => need.id === second) ?? entry?.place
  if (!place) throw new Error('a cycle names a job that is not in the file')
  const shown = cycle.length <= 12 ? cycle : [...cycle.slice(0, 6), '…', ...cycle.slice(-5)]
  problems.error(place, `dependency cycle: ${shown.join(' -> ')}`, 'remove one of these needs')
}

/** Two jobs with the same workflow are refused: the search for a run could adopt the run of the other job (law 2). */
function checkBuildsDiffer(entries: readonly JobEntry[], problems: Problems): void {
  const seen = new Map<string, string>()
  for (const { job, repoPlace } of entries) {
    if (job.repo === '') continue
    const { event } = job
    const build = `${repoKey(job.repo)} ${event ? `event ${event.type}` : job.workflow}`
    const twin = seen.get(build)
    if (twin === undefined) seen.set(build, job.id)
    else if (event) {
      const message = `jobs ${quote(twin)} and ${quote(job.id)} both send ${event.type} to ${job.repo}`
      problems.error(repoPlace, message, 'use another repo or event-type: an event starts one run for one job')
    } else {
      const message = `jobs ${quote(twin)} and ${quote(job.id)} both run ${job.workflow} of ${job.repo}`
      problems.error(
        repoPlace,
        message,
        'use another repo or workflow: orch cannot distinguish two runs of one workflow',
      )
    }
  }
}

/** GitHub requires both a check and a status of the same name; it compares contexts without case. */
function checkContext(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): void {
  const context = settings.statusContext.toLowerCase()
  for (const { job, place } of entries) {
    if (job.id.toLowerCase() !== context) continue
    const message = `the status context ${quote(settings.statusContext)} is also the id of a job`
    const hint = 'GitHub would require both a check and a status of that name: rename one of them'
    problems.error(settings.statusContextPlace ?? place, message, hint)
  }
}

/** Each job posts a status `<context>/<job>` on its head, and GitHub compares contexts without case. */
function checkJobContexts(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): void {
  const seen = new Map<string, string>()
  for (const { job, place } of entries) {
    const context = jobContext(settings.statusContext, job.id)
    const length = Array.from(context).length
    // A status-context that is too long by itself was reported before.
    if (length > maxContextLength && Array.from(settings.statusContext).length <= maxContextLength) {
      const message = `the status of job ${quote(job.id)} would have a context of ${length} characters, but GitHub allows at most ${maxContextLength}`
      problems.error(place, message, 'shorten the job id or the status-context')
    }
    const key = `${repoKey(job.repo)} ${context.toLowerCase()}`
    if (job.repo === '') continue
    const twin = seen.get(key)
    if (twin !== undefined) {
      const message = `jobs ${quote(twin)} and ${quote(job.id)} would post the same status on commits of ${job.repo}`
      problems.error(place, message, 'GitHub compares contexts without case: rename one of them')
    } else seen.set(key, job.id)
  }
}

/** An expression may refer to jobs that its own job needs, directly or not. `sorted` null: the graph has a cycle, so that this is not checked. */
function checkReferences(entries: readonly JobEntry[], sorted: readonly Job[] | null, problems: Problems): void {
  const ids = new Set(entries.map(({ job }) => job.id))
  const all = entries.flatMap(({ job, references }) => references.map((reference) => ({ job, reference })))
  for (const { reference } of all) {
    if (ids.has(reference.job)) continue
    problems.error(reference, `the expression refers to the unknown job ${quote(reference.job)}`, () =>
      didYouMean(reference.job, ids),
    )
  }
  if (!sorted) return
  const known = all.filter(({ reference }) => ids.has(reference.job))
  const pairs = known.map(({ job, reference }) => ({ job: job.id, ancestor: reference.job }))
  const answers = needsThrough(sorted, pairs)
  known.forEach(({ job, reference }, at) => {
    if (answers[at]) return
    if (job.id === reference.job) {
      const message = `job ${quote(job.id)} refers to itself, but its run does not exist before it starts`
      problems.error(reference, message, 'refer to a job that it needs')
      return
    }
    const message = `job ${quote(job.id)} refers to ${quote(reference.job)}, but does not need it`
    const needs = job.needs.length === 0 ? 'nothing' : job.needs.slice(0, 10).join(', ')
    problems.error(reference, message, `add ${reference.job} to its needs; it needs ${needs}`)
  })
}
