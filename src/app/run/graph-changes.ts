import type { Graph, Job } from '../../model/graph.js'

/** The differences between the graph of an orchestration and the graph file as it is now, a clause each; empty: none. */
export function graphChanges(before: Graph, now: Graph): string[] {
  const changes: string[] = []
  const old = new Map(before.jobs.map((job) => [job.id, textOf(job)]))
  const current = new Map(now.jobs.map((job) => [job.id, textOf(job)]))
  for (const id of old.keys()) if (!current.has(id)) changes.push(`the job ${id} was removed`)
  for (const id of current.keys()) if (!old.has(id)) changes.push(`the job ${id} was added`)
  for (const [id, text] of old)
    if (current.has(id) && current.get(id) !== text) changes.push(`the job ${id} was changed`)
  if (before.statusContext !== now.statusContext) changes.push(`status-context became ${now.statusContext}`)
  if (before.branches.join() !== now.branches.join()) changes.push(`branches became ${now.branches.join(', ')}`)
  return changes
}

/** The workflow that an event starts is not part of the graph file. */
function textOf(job: Job): string {
  return JSON.stringify(job.event ? { ...job, workflow: '' } : job)
}
