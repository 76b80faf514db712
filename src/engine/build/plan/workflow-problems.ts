import { assertNever } from '../../../lib/assert-never.js'
import type { RepositoryRead, WorkflowFile, WorkflowState } from '../../../model/change.js'
import { commitToBuild } from '../../../model/build/commit-to-build.js'
import type { Graph, Job } from '../../../model/graph.js'
import { isHandoff } from '../../../model/build/handoff.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Template } from '../../../model/build/template.js'
import type { DeclaredInput, ReadWorkflowTriggers } from '../../../model/workflow-triggers.js'
import type { JobReceivers } from './job-receivers.js'
import type { PlanProblem } from './plan-problem.js'
import { jobsToDispatch, stateInRuns, workflowKey } from './workflow-states.js'

interface WorkflowCheck {
  graph: Graph
  branch: string
  jobs: readonly PlannedJob[]
  readings: ReadonlyMap<string, RepositoryRead>
  readTriggers: ReadWorkflowTriggers
  receivers?: JobReceivers
  /** By `workflowKey`, besides the states in the readings. */
  workflowStates?: ReadonlyMap<string, WorkflowState>
}

/** The problems that prevent the dispatch of any workflow that would run. All are reported together, before anything is dispatched. */
export function workflowProblems(check: WorkflowCheck): PlanProblem[] {
  const dispatched = jobsToDispatch(check.graph, check.jobs)
  return dispatched.flatMap((job) => {
    const reading = check.readings.get(repoKey(job.repo))
    if (!reading) throw new Error(`${job.repo} was not read`)
    if (job.event) return [...receiverProblems(job, check), ...untestedProblems(job, reading, check)]
    return [...fileProblems(job, reading, check), ...stateProblems(job, reading, check)]
  })
}

function receiverProblems({ id }: Job, { receivers }: WorkflowCheck): PlanProblem[] {
  const receiver = receivers?.get(id)
  if (!receiver) throw new Error(`the workflow of ${id} was not looked for`)
  return receiver.kind === 'problem' ? [receiver.problem] : []
}

/** The run of an event is of the default branch, so that it proves nothing about a branch of the change (law 1). */
function untestedProblems(job: Job, reading: RepositoryRead, { graph, branch }: WorkflowCheck): PlanProblem[] {
  const { id, repo } = job
  const isBuilt = graph.jobs.some((other) => !other.event && repoKey(other.repo) === repoKey(repo))
  if (reading.headSha === null || isBuilt) return []
  const message = `${repo} has the branch ${branch}, but no job builds it there: the event of ${id} runs on ${reading.defaultBranch}`
  const remedy = `Add a job with a \`workflow\` for ${repo}, or delete the branch there.`
  return [workflowProblem(job, message, remedy)]
}

function stateProblems(job: Job, reading: RepositoryRead, { workflowStates }: WorkflowCheck): PlanProblem[] {
  const state = stateInRuns(reading, job.workflow) ?? workflowStates?.get(workflowKey(job))
  return state === 'disabled' ? [disabledProblem(job)] : []
}

/** The problem of a job whose workflow is disabled. */
export function disabledProblem(job: Job): PlanProblem {
  const message = `the workflow ${job.workflow} of ${job.repo} is disabled, so GitHub refuses to start it`
  const command = `gh workflow enable ${job.workflow} --repo ${job.repo}`
  return workflowProblem(job, message, `Enable it on its page under Actions of ${job.repo}, or with \`${command}\`.`)
}

function workflowProblem({ repo }: Job, message: string, remedy: string): PlanProblem {
  return { kind: 'workflow', repo, message, remedy, failure: null }
}

function fileProblems(job: Job, reading: RepositoryRead, { readTriggers, branch }: WorkflowCheck): PlanProblem[] {
  const runs = commitToBuild(job, reading)?.isDefaultBranch === true ? 'default-branch' : 'head'
  return [...missingFileProblems(job, reading, runs), ...dispatchProblems(job, reading, { runs, readTriggers, branch })]
}

/** Which version of a workflow file runs: that of the default branch, or that at the head of the change. */
export type RunningVersion = 'default-branch' | 'head'

function fileOf({ repo, workflow }: Job, reading: RepositoryRead): WorkflowFile {
  const file = reading.workflows.find((each) => each.workflow === workflow)
  if (!file) throw new Error(`${workflow} of ${repo} was not read`)
  return file
}

function pathOf({ workflow }: Job): string {
  return `.github/workflows/${workflow}`
}

/** The places where GitHub needs the workflow file of a job and does not find it. */
export function missingFileProblems(job: Job, reading: RepositoryRead, runs: RunningVersion): PlanProblem[] {
  const { repo, workflow } = job
  const { atDefaultBranch, atHead } = fileOf(job, reading)
  const { defaultBranch } = reading
  const problems: PlanProblem[] = []
  if (atDefaultBranch === null) {
    const message = `${repo} has no ${pathOf(job)} on its default branch ${defaultBranch}, where GitHub looks for it`
    const mayBeSkipped = runs === 'default-branch' && job.withoutBranch === 'build'
    const remedy = `Merge the file into ${defaultBranch}, or name another \`workflow\` for ${job.id}${mayBeSkipped ? ', or skip it: `without-branch: skip`' : ''}.`
    problems.push({ ...missingProblem(job, runs, message, remedy), missing: { repo, workflow, sha: null } })
  }
  if (runs === 'head' && atHead === null) {
    const message = `${repo} has no ${pathOf(job)} at the head of the change`
    const remedy = `Bring ${defaultBranch} into the branch, or add the file to it.`
    problems.push({ ...workflowProblem(job, message, remedy), missing: { repo, workflow, sha: reading.headSha } })
  }
  return problems
}

/** On the default branch, the graph file asks for something that is not there. */
function missingProblem(job: Job, runs: RunningVersion, message: string, remedy: string): PlanProblem {
  const problem = workflowProblem(job, message, remedy)
  return runs === 'default-branch' ? { ...problem, kind: 'default-branch' } : problem
}

/** Why GitHub would refuse to dispatch this version of the workflow file of a job, if the file is there. */
export function dispatchProblems(
  job: Job,
  reading: RepositoryRead,
  { runs, readTriggers, branch }: Pick<WorkflowCheck, 'readTriggers' | 'branch'> & { runs: RunningVersion },
): PlanProblem[] {
  const { atDefaultBranch, atHead } = fileOf(job, reading)
  const isDefaultBranch = runs === 'default-branch'
  const text = isDefaultBranch ? atDefaultBranch : atHead
  if (text === null) return []
  const { defaultBranch } = reading
  const at = isDefaultBranch ? `on its default branch ${defaultBranch}` : 'at the head of the change'
  const onBranch = isDefaultBranch ? `on ${defaultBranch}` : 'on the branch'
  const triggers = readTriggers(text)
  switch (triggers.kind) {
    case 'invalid': {
      const message = `${pathOf(job)} of ${job.repo} cannot be read: ${triggers.problem}`
      return [workflowProblem(job, message, `Correct the file ${onBranch}.`)]
    }
    case 'not-dispatchable': {
      const message = `${pathOf(job)} of ${job.repo} has no \`workflow_dispatch\` trigger ${at}`
      const remedy = `Add \`workflow_dispatch:\` below \`on:\` in that file, ${onBranch}.`
      return [missingProblem(job, runs, message, remedy)]
    }
    case 'dispatchable': {
      const problems = inputProblems(job, branch, triggers.inputs)
      return problems.map(([message, remedy]) => workflowProblem(job, message, remedy))
    }
  }
}

function inputProblems(job: Job, branch: string, declared: ReadonlyMap<string, DeclaredInput>): [string, string][] {
  const file = `${job.workflow} of ${job.repo}`
  const problems: [string, string][] = []
  const without = (template: Template): string =>
    isHandoff(template) ? `remove \`handoff: true\` from what ${job.id} needs` : `take it out of the job ${job.id}`
  for (const [name, template] of Object.entries(job.inputs)) {
    const input = declared.get(name)
    const value = knownText(template, branch)
    if (!input) {
      const known = declared.size === 0 ? 'it declares none' : `it declares ${[...declared.keys()].join(', ')}`
      problems.push([
        `${file} does not declare the input ${name}: ${known}`,
        `Declare it there, or ${without(template)}.`,
      ])
    } else if (isHandoff(template)) {
      if (input.type !== 'text')
        problems.push([`the input ${name} of ${file} takes no text`, 'Make it `type: string`.'])
    } else if (value !== null) {
      const expected = expectedValue(input, value)
      if (expected !== null)
        problems.push([`the input ${name} of ${file} does not take "${value}"`, `Choose ${expected}.`])
    }
  }
  for (const [name, input] of declared) {
    if (!input.required || input.hasDefault || Object.hasOwn(job.inputs, name)) continue
    problems.push([
      `${file} requires the input ${name}, which the job ${job.id} does not give`,
      `Add it below \`inputs\` of ${job.id}.`,
    ])
  }
  return problems
}

/** The values that an input takes, if this one is not among them; null: GitHub accepts it. */
function expectedValue({ type, options }: DeclaredInput, value: string): string | null {
  switch (type) {
    case 'choice':
      return options === null || options.includes(value) ? null : `one of ${options.join(', ')}`
    case 'boolean':
      return ['true', 'false', ''].includes(value) ? null : 'true or false'
    case 'number':
      return value === '' || isNumber(value) ? null : 'a number'
    case 'text':
      return null
    default:
      return assertNever(type)
  }
}

/** Whether a text is a number as JSON and YAML write it: `Number` also reads an empty text, blanks and `0x10`. */
function isNumber(value: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(value)
}

/** The text of a template that has no expression but the branch; null: its value is not known before the dispatch. */
function knownText({ parts }: Template, branch: string): string | null {
  const texts = parts.map((part) =>
    part.kind === 'text' ? part.text : part.expression.name === 'branch' ? branch : null,
  )
  return texts.includes(null) ? null : texts.join('')
}
