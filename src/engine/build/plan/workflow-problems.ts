import type { RepositoryRead } from '../../../model/change.js'
import type { Graph, Job } from '../../../model/graph.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Template } from '../../../model/build/template.js'
import type { DeclaredInput, ReadWorkflowTriggers } from '../../../model/workflow-triggers.js'
import type { PlanProblem } from './plan-problem.js'

/** The problems that prevent the dispatch of any workflow that would run. All are reported together, before anything is dispatched. */
export function workflowProblems(
  graph: Graph,
  jobs: readonly PlannedJob[],
  readings: ReadonlyMap<string, RepositoryRead>,
  readTriggers: ReadWorkflowTriggers,
): PlanProblem[] {
  const running = new Set(jobs.filter(({ action }) => action === 'run').map(({ job }) => job))
  return graph.jobs
    .filter(({ id }) => running.has(id))
    .flatMap((job) => {
      const reading = readings.get(repoKey(job.repo))
      if (!reading) throw new Error(`${job.repo} was not read`)
      return jobProblems(job, reading, readTriggers)
    })
}

function jobProblems(job: Job, reading: RepositoryRead, readTriggers: ReadWorkflowTriggers): PlanProblem[] {
  const file = reading.workflows.find(({ workflow }) => workflow === job.workflow)
  if (!file) throw new Error(`${job.workflow} of ${job.repo} was not read`)
  const path = `.github/workflows/${job.workflow}`
  const problem = (message: string, remedy: string): PlanProblem => ({
    kind: 'workflow',
    repo: job.repo,
    message,
    remedy,
    failure: null,
  })
  const problems: PlanProblem[] = []
  if (file.atDefaultBranch === null) {
    const message = `${job.repo} has no ${path} on its default branch ${reading.defaultBranch}, where GitHub looks for it`
    problems.push(
      problem(message, `Merge the file into ${reading.defaultBranch}, or name another \`workflow\` for ${job.id}.`),
    )
  }
  if (file.atHead === null) {
    const message = `${job.repo} has no ${path} at the head of the change`
    return [...problems, problem(message, `Bring ${reading.defaultBranch} into the branch, or add the file to it.`)]
  }
  const triggers = readTriggers(file.atHead)
  switch (triggers.kind) {
    case 'invalid':
      return [
        ...problems,
        problem(`${path} of ${job.repo} cannot be read: ${triggers.problem}`, 'Correct the file on the branch.'),
      ]
    case 'not-dispatchable': {
      const message = `${path} of ${job.repo} has no \`workflow_dispatch\` trigger at the head of the change`
      return [...problems, problem(message, 'Add `workflow_dispatch:` below `on:` in that file, on the branch.')]
    }
    case 'dispatchable':
      return [...problems, ...inputProblems(job, triggers.inputs).map(([message, remedy]) => problem(message, remedy))]
  }
}

function inputProblems(job: Job, declared: ReadonlyMap<string, DeclaredInput>): [string, string][] {
  const file = `${job.workflow} of ${job.repo}`
  const problems: [string, string][] = []
  for (const [name, template] of Object.entries(job.inputs)) {
    const input = declared.get(name)
    const literal = literalText(template)
    if (!input) {
      const known = declared.size === 0 ? 'it declares none' : `it declares ${[...declared.keys()].join(', ')}`
      problems.push([
        `${file} does not declare the input ${name}: ${known}`,
        `Declare it there, or take it out of the job ${job.id}.`,
      ])
    } else if (input.options && literal !== null && !input.options.includes(literal)) {
      problems.push([
        `the input ${name} of ${file} does not take "${literal}"`,
        `Choose one of ${input.options.join(', ')}.`,
      ])
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

/** The text of a template without expressions; null if its value is unknown before the dispatch. */
function literalText({ source, parts }: Template): string | null {
  return parts.every(({ kind }) => kind === 'text') ? source : null
}
