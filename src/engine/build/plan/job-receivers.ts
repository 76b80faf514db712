import { markerInput } from '../../../model/build/marker.js'
import { receiversOf } from '../../../model/event-receiver.js'
import type { WorkflowText } from '../../../model/event-receiver.js'
import type { Failure } from '../../../model/failure.js'
import type { Graph, Job, JobEvent } from '../../../model/graph.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { ReadEventTrigger } from '../../../model/workflow-triggers.js'
import type { Read } from '../../../ports/host/read.js'
import type { PlanProblem } from './plan-problem.js'

/** The workflow that the event of a job starts, whose run shows the marker; or why the job cannot be run. */
export type JobReceiver = { kind: 'found'; workflow: string } | { kind: 'problem'; problem: PlanProblem }
/** By job id. */
export type JobReceivers = ReadonlyMap<string, JobReceiver>

/** The repositories whose enabled workflows must be read, because an event starts one of them. */
export function repositoriesWithEvents({ jobs }: Graph): RepoName[] {
  return [...new Map(jobs.flatMap(({ event, repo }) => (event ? [[repoKey(repo), repo] as const] : []))).values()]
}

/** Finds the workflow of each job with an event. `workflows`: the enabled ones, by `repoKey`. */
export function findReceivers(
  { jobs }: Graph,
  workflows: ReadonlyMap<string, Read<WorkflowText[]>>,
  readTrigger: ReadEventTrigger,
): JobReceivers {
  return new Map(
    jobs.flatMap((job) => {
      if (!job.event) return []
      const read = workflows.get(repoKey(job.repo))
      if (!read) throw new Error(`the workflows of ${job.repo} were not read`)
      const receiver = read.ok
        ? findReceiver(job, job.event, receiversOf(read.value, job.event.type, readTrigger))
        : problem(unreadable(job, read.failure))
      return [[job.id, receiver] as const]
    }),
  )
}

/** The graph with the workflows that its events start. */
export function withReceivers(graph: Graph, receivers: JobReceivers): Graph {
  if (receivers.size === 0) return graph
  const jobs = graph.jobs.map((job) => {
    const receiver = receivers.get(job.id)
    return receiver?.kind === 'found' ? { ...job, workflow: receiver.workflow } : job
  })
  return { ...graph, jobs }
}

function findReceiver(job: Job, { type }: JobEvent, receivers: ReturnType<typeof receiversOf>): JobReceiver {
  const [only, ...others] = receivers
  const { id, repo } = job
  if (!only) {
    const message = `no workflow on the default branch of ${repo} runs on the event ${type}`
    const remedy = `Add ${type} below \`on: repository_dispatch: types:\` of a workflow there, or correct \`event-type\` of ${id}.`
    return problem({ kind: 'workflow', repo, message, remedy, failure: null })
  }
  if (others.length > 0) {
    const names = receivers.map(({ workflow }) => workflow).join(', ')
    const message = `the event ${type} starts several workflows of ${repo}: ${names}`
    const remedy = 'A job is one run: give one of them a type of its own.'
    return problem({ kind: 'workflow', repo, message, remedy, failure: null })
  }
  if (only.carriesMarker) return { kind: 'found', workflow: only.workflow }
  const message = `the run of ${only.workflow} of ${repo} could not be found: its title does not show ${markerInput}`
  const remedy = `Add \`run-name: '${only.workflow.replace(/\.ya?ml$/u, '')} [\${{ github.event.client_payload.${markerInput} }}]'\` to it.`
  return problem({ kind: 'workflow', repo, message, remedy, failure: null })
}

function unreadable({ repo }: Job, failure: Failure): PlanProblem {
  const message = `the workflows of ${repo} could not be read: ${failure.message}`
  return { kind: 'unreadable', repo, message, remedy: failure.remedy ?? 'Try again when they can be read.', failure }
}

function problem(of: PlanProblem): JobReceiver {
  return { kind: 'problem', problem: of }
}
