import { needsThrough, sortJobs } from '../model/graph.js'
import type { Job } from '../model/graph.js'
import { jobContext, maxContextLength } from '../model/build/job-record.js'
import { repoKey } from '../model/repo-name.js'
import { didYouMean } from '../lib/did-you-mean.js'
import type { GraphSettings } from './graph-settings.js'
import type { JobEntry } from './job-entry.js'
import type { Problems } from './problems.js'
import { quote } from './value.js'

/** The rules across jobs. Returns the jobs in topological order, or null: they cannot be ordered, which is reported. */
export function checkGraph(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): Job[] | null {
  const ids = new Set(entries.map(({ job }) => job.id))
  checkBuildsDiffer(entries, problems)
  checkContext(entries, settings, problems)
  checkJobContexts(entries, settings, problems)
  const jobs = entries.map((entry) => ({ ...entry.job, needs: checkNeeds(entry, ids, problems) }))
  const sorted = sortJobs(jobs)
  if (sorted.ok) {
    checkReferences(entries, sorted.jobs, problems)
    return sorted.jobs
  }
  const byId = new Map(entries.map((entry) => [entry.job.id, entry]))
  for (const cycle of sorted.cycles) reportCycle(cycle, byId, problems)
  checkReferences(entries, null, problems)
  return null
}

/** The needs of a job that are right on their own: known, another job, and named once. */
function checkNeeds({ job, needs }: JobEntry, ids: ReadonlySet<string>, problems: Problems): string[] {
  const right = new Set<string>()
  for (const need of needs) {
    if (need.id === job.id) problems.error(need, `job ${quote(job.id)} needs itself`, 'take it out')
    else if (!ids.has(need.id)) problems.error(need, `unknown job ${quote(need.id)}`, () => jobHint(need.id, ids))
    else if (right.has(need.id)) problems.error(need, `job ${quote(need.id)} is needed twice`, 'name it once')
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
  problems.error(place, `the jobs need each other in a circle: ${shown.join(' -> ')}`, 'take one of these needs out')
}

/** One dispatch could not be told from the other, and so might be adopted for it: see law 2 of the design. */
function checkBuildsDiffer(entries: readonly JobEntry[], problems: Problems): void {
  const seen = new Map<string, string>()
  for (const { job, repoPlace } of entries) {
    if (job.repo === '') continue
    const build = `${repoKey(job.repo)} ${job.workflow}`
    const twin = seen.get(build)
    if (twin === undefined) seen.set(build, job.id)
    else {
      const message = `job ${quote(job.id)} runs ${job.workflow} of ${job.repo}, as job ${quote(twin)} does`
      problems.error(repoPlace, message, 'name another repo or workflow: two runs of one workflow cannot be told apart')
    }
  }
}

/** GitHub requires a check and a status of one name both; contexts are compared without case. */
function checkContext(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): void {
  const context = settings.statusContext.toLowerCase()
  for (const { job, place } of entries) {
    if (job.id.toLowerCase() !== context) continue
    const message = `the status context ${quote(settings.statusContext)} is also the id of a job`
    const hint = 'GitHub would require a check and a status of one name both: give one of them another name'
    problems.error(settings.statusContextPlace ?? place, message, hint)
  }
}

/** Each job leaves a status `<context>/<job>` on its head, and GitHub compares contexts without case. */
function checkJobContexts(entries: readonly JobEntry[], settings: GraphSettings, problems: Problems): void {
  const seen = new Map<string, string>()
  for (const { job, place } of entries) {
    const context = jobContext(settings.statusContext, job.id)
    const length = Array.from(context).length
    // What is too long by itself is told already.
    if (length > maxContextLength && Array.from(settings.statusContext).length <= maxContextLength) {
      const message = `the status of job ${quote(job.id)} would have a context of ${length} characters, and GitHub takes ${maxContextLength}`
      problems.error(place, message, 'give the job or the status-context a shorter name')
    }
    const key = `${repoKey(job.repo)} ${context.toLowerCase()}`
    if (job.repo === '') continue
    const twin = seen.get(key)
    if (twin !== undefined) {
      const message = `jobs ${quote(twin)} and ${quote(job.id)} of ${job.repo} would leave the same status on its commits`
      problems.error(place, message, 'GitHub compares contexts without case: give one of them another name')
    } else seen.set(key, job.id)
  }
}

/** Expressions may name what stands before their job. `sorted` is null where cycles leave no before and after. */
function checkReferences(entries: readonly JobEntry[], sorted: readonly Job[] | null, problems: Problems): void {
  const ids = new Set(entries.map(({ job }) => job.id))
  const all = entries.flatMap(({ job, references }) => references.map((reference) => ({ job, reference })))
  for (const { reference } of all) {
    if (ids.has(reference.job)) continue
    problems.error(reference, `the expression names the unknown job ${quote(reference.job)}`, () =>
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
      const message = `job ${quote(job.id)} names itself, and nothing is known of its run before it starts`
      problems.error(reference, message, 'name a job that it needs')
      return
    }
    const message = `job ${quote(job.id)} does not need ${quote(reference.job)}, so nothing is known of it when ${quote(job.id)} starts`
    const needs = job.needs.length === 0 ? 'nothing' : job.needs.slice(0, 10).join(', ')
    problems.error(reference, message, `add ${reference.job} to its needs; it needs ${needs}`)
  })
}
