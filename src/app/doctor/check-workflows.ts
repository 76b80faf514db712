import { disabledProblem, dispatchProblems, missingFileProblems } from '../../engine/build/plan/workflow-problems.js'
import type { RunningVersion } from '../../engine/build/plan/workflow-problems.js'
import type { PlanProblem } from '../../engine/build/plan/plan-problem.js'
import { readWorkflowTriggers } from '../../config/workflow-file.js'
import { carriesMarker } from '../../model/build/marker.js'
import type { RepositoryRead, WorkflowFile } from '../../model/change.js'
import type { Check } from '../../model/check.js'
import type { Graph, Job } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import { listed } from '../../lib/listed.js'
import { explainRefusal } from '../plan/plan-refusal.js'
import type { DoctorHost } from './doctor-host.js'
import { concluded, failureFinding } from './findings.js'
import type { Finding } from './findings.js'

export interface WorkflowChecksOptions {
  host: DoctorHost
  graph: Graph
  /** The branch of the change; if none was named, a placeholder. */
  branch: string
  /** The mistakes that GitHub's parser finds in a file. */
  checkWorkflow: (workflow: string, text: string) => string[]
}

/**
 * Whether the workflows of the jobs of one repository can be dispatched, and their runs found again. What is about a file that is not there
 * is left out.
 */
export async function checkWorkflows(options: WorkflowChecksOptions, reading: RepositoryRead): Promise<Check[]> {
  const { repo, workflows } = reading
  // A plan finds out which workflow an event starts.
  const jobs = options.graph.jobs.filter((job) => !job.event && repoKey(job.repo) === repoKey(repo))
  if (jobs.length === 0) return []
  const where = reading.headSha === null ? 'the default branch' : `the default branch and ${options.branch}`
  const missing = await missingFindings(options, jobs, reading)
  const file = concluded('workflow-file', repo, missing, `${namesOf(workflows)} is on ${where}`)
  const known = workflows.filter(({ atDefaultBranch }) => atDefaultBranch !== null)
  const texts = workflows.filter(({ atHead, atDefaultBranch }) => (atHead ?? atDefaultBranch) !== null)
  if (texts.length === 0) return [file]
  const accepted = 'it has workflow_dispatch and takes what the graph file sends'
  return [
    file,
    concluded('workflow-syntax', repo, syntaxFindings(options, texts), "GitHub's parser finds no mistake"),
    concluded('workflow-dispatch', repo, dispatchFindings(options, jobs, reading), accepted),
    ...(known.length === 0 ? [] : [await checkEnabled(options, jobs, known)]),
    concluded('workflow-marker', repo, markerFindings(texts), 'the run-name shows which orchestration started a run'),
  ]
}

function namesOf(workflows: readonly WorkflowFile[]): string {
  return listed(workflows.map(({ workflow }) => workflow))
}

async function missingFindings(
  { host, graph, branch }: WorkflowChecksOptions,
  jobs: readonly Job[],
  reading: RepositoryRead,
): Promise<Finding[]> {
  const runs: RunningVersion = reading.headSha === null ? 'default-branch' : 'head'
  const problems = jobs.flatMap((job) => missingFileProblems(job, reading, runs))
  // The refusal of a plan also names a file that is spelled almost the same.
  const explained = await explainRefusal({ host, graph, branch }, { kind: 'refused', problems })
  return explained.map(({ message, remedy }) => ({ status: 'failed', message, fix: remedy }))
}

/** What the head of the change would run decides; the default branch matters to the next change. */
function dispatchFindings({ branch }: WorkflowChecksOptions, jobs: readonly Job[], reading: RepositoryRead): Finding[] {
  const problemsOf = (runs: RunningVersion): PlanProblem[] =>
    jobs.flatMap((job) => dispatchProblems(job, reading, { runs, readTriggers: readWorkflowTriggers, branch }))
  const ofDefault = problemsOf('default-branch').map(toFinding('failed'))
  if (reading.headSha === null) return ofDefault
  const ofHead = problemsOf('head').map(toFinding('failed'))
  return ofHead.length > 0 ? ofHead : ofDefault.map((finding) => ({ ...finding, status: 'warning' }))
}

function toFinding(status: Finding['status']): (problem: PlanProblem) => Finding {
  return ({ message, remedy }) => ({ status, message, fix: remedy })
}

/** GitHub refuses to start a run of a file with a mistake. */
const mostMistakes = 3

function syntaxFindings({ checkWorkflow }: WorkflowChecksOptions, workflows: readonly WorkflowFile[]): Finding[] {
  return workflows.flatMap((file) =>
    textsOf(file).flatMap(({ text, place }) => {
      const mistakes = checkWorkflow(file.workflow, text)
      if (mistakes.length === 0) return []
      const more = mistakes.length > mostMistakes ? ` and ${mistakes.length - mostMistakes} more` : ''
      const message = `${place}: ${mistakes.slice(0, mostMistakes).join('; ')}${more}`
      return [{ status: 'failed' as const, message, fix: `Correct .github/workflows/${file.workflow} ${place}.` }]
    }),
  )
}

/** The versions of a file that exist, each text once. */
function textsOf({ atHead, atDefaultBranch }: WorkflowFile): { text: string; place: string }[] {
  const versions = [
    { text: atDefaultBranch, place: 'on the default branch' },
    { text: atHead === atDefaultBranch ? null : atHead, place: 'at the head of the change' },
  ]
  return versions.flatMap(({ text, place }) => (text === null ? [] : [{ text, place }]))
}

/** @param known the files on the default branch, at least one: GitHub knows no state of others */
async function checkEnabled(
  { host }: WorkflowChecksOptions,
  jobs: readonly Job[],
  known: readonly WorkflowFile[],
): Promise<Check> {
  const first = new Map([...jobs].reverse().map((job) => [job.workflow, job]))
  const asked = known.flatMap(({ workflow }) => first.get(workflow) ?? [])
  const findings = await Promise.all(asked.map((job) => disabledFindings(host, job)))
  return concluded('workflow-enabled', jobs[0]?.repo ?? null, findings.flat(), `${namesOf(known)} is enabled`)
}

async function disabledFindings(host: DoctorHost, job: Job): Promise<Finding[]> {
  const state = await host.readWorkflowState(job.repo, job.workflow)
  if (!state.ok) return [failureFinding(state.failure)]
  if (state.value === null) {
    const fix = 'Give the token Actions: read. After the first push of the file, wait a minute.'
    return [{ status: 'unknown', message: `GitHub does not show whether ${job.workflow} is enabled`, fix }]
  }
  return state.value === 'disabled' ? [toFinding('failed')(disabledProblem(job))] : []
}

function markerFindings(workflows: readonly WorkflowFile[]): Finding[] {
  return workflows.flatMap(({ workflow, atHead, atDefaultBranch }) => {
    const text = atHead ?? atDefaultBranch
    const triggers = text === null ? null : readWorkflowTriggers(text)
    if (triggers?.kind !== 'dispatchable' || carriesMarker(triggers)) return []
    const message = `the run-name of ${workflow} does not show the input orch_id, so a run may not be found again, and is not reused`
    const fix = 'Copy the run-name and the input orch_id from config/workflows/build.yml.'
    return [{ status: 'warning', message, fix }]
  })
}
