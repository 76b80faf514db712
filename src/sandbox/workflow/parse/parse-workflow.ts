import { parseJob } from './parse-job.js'
import type { Workflow, WorkflowJob } from './model.js'
import { readTriggers } from './triggers.js'
import { WorkflowReader } from './workflow-reader.js'
import { readYamlMap } from './yaml-map.js'

/**
 * Parses a workflow file. Reports all problems together, each as a sentence: errors that GitHub would refuse, and features that GitHub
 * supports but the sandbox does not.
 */
export function parseWorkflow(text: string): { ok: true; workflow: Workflow } | { ok: false; problems: string[] } {
  const triggers = readTriggers(text)
  const read = readYamlMap(text)
  if (!triggers.ok) return { ok: false, problems: [triggers.message] }
  if (!read.ok) return { ok: false, problems: [read.message] }
  const reader = new WorkflowReader()
  const { map } = read
  reader.keys('', map, {
    read: ['name', 'run-name', 'on', 'env', 'defaults', 'jobs'],
    ignored: ['permissions', 'concurrency'],
  })
  reader.text('run-name', map['run-name'])
  const written = reader.map('jobs', map.jobs)
  const jobs = Object.entries(written).map(([id, job]) => parseJob(reader, id, job, map.defaults))
  if (jobs.length === 0) reader.problem('`jobs` must hold at least one job.')
  checkNeeds(reader, jobs)
  const env = reader.texts('env', map.env)
  if (reader.problems.length > 0) return { ok: false, problems: [...new Set(reader.problems)] }
  const workflow: Workflow = { env, jobs, ignored: reader.ignored }
  if (triggers.name !== undefined) workflow.name = triggers.name
  if (triggers.runName !== undefined) workflow.runName = triggers.runName
  return { ok: true, workflow }
}

function checkNeeds(reader: WorkflowReader, jobs: WorkflowJob[]): void {
  const ids = new Set(jobs.map((job) => job.id))
  for (const job of jobs) {
    for (const need of job.needs) {
      if (!ids.has(need)) reader.problem(`Job '${job.id}' depends on unknown job '${need}'.`)
    }
  }
  const done = new Set<string>()
  for (;;) {
    const ready = jobs.filter((job) => !done.has(job.id) && job.needs.every((need) => done.has(need) || !ids.has(need)))
    if (ready.length === 0) break
    for (const job of ready) done.add(job.id)
  }
  const stuck = jobs.filter((job) => !done.has(job.id)).map((job) => job.id)
  if (stuck.length > 0) reader.problem(`The \`needs\` of these jobs form a cycle: ${stuck.join(', ')}.`)
}
