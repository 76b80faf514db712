import { describe, expect, test } from 'vitest'
import { planChange, workflowsToPlanWith } from '../../../../src/engine/build/plan/plan.js'
import { workflowKey } from '../../../../src/engine/build/plan/workflow-states.js'
import type { RepositoryReading } from '../../../../src/model/change.js'
import type { Template } from '../../../../src/model/build/template.js'
import type { DeclaredInput, WorkflowTriggers } from '../../../../src/model/workflow-triggers.js'
import {
  absentReading,
  branch,
  diamond,
  failureOf,
  graphOf,
  planningInput,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
} from '../fixtures.js'

const graph = graphOf(diamond)

function problemsOf(changes: Parameters<typeof planningInput>[1], of = graph): string[] {
  const planning = planChange(planningInput(of, changes))
  if (planning.kind !== 'refused') throw new Error(`it is ${planning.kind}`)
  return planning.problems.map(({ kind, repo, message }) => `${kind} ${repo ?? '-'}: ${message}`)
}

describe('plan', () => {
  test('the plan runs the jobs whose repositories have the branch and skips the others with a reason', () => {
    const readings = ['A', 'B', 'C', 'D', 'E'].map((id) =>
      ['B', 'D'].includes(id) ? readingOf(`acme/${id}`) : absentReading(`acme/${id}`),
    )
    const plan = planOf(graph, { readings })
    expect(plan.jobs.map(({ job, action }) => `${job} ${action}`)).toEqual([
      'A skip',
      'B run',
      'C skip',
      'D run',
      'E skip',
    ])
    expect(plan.jobs[0]?.reason).toBe('acme/A has no branch DPTA-1')
    expect(plan.members.map(({ repo }) => repo)).toEqual(['acme/B', 'acme/D'])
    expect(plan.targets.map(({ repo }) => repo)).toEqual(['acme/B', 'acme/D'])
    expect(plan.absent.map(({ repo }) => repo)).toEqual(['acme/A', 'acme/C', 'acme/E'])
  })

  test('the plan has no target for a member without a pull request, and none with --no-status', () => {
    const readings = ['A', 'B', 'C', 'D', 'E'].map((id) => readingOf(`acme/${id}`, { pullRequests: [] }))
    expect(planOf(graph, { readings }).targets).toEqual([])
    expect(planOf(graph, { postStatus: false }).targets).toEqual([])
  })

  test('the plan has one target for several pull requests of one branch, and a warning', () => {
    const two = [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })]
    const plan = planOf(graphOf({ A: [] }), { readings: [readingOf('acme/A', { pullRequests: two })] })
    expect(plan.targets.map(({ pullRequests }) => pullRequests.map(({ number }) => number))).toEqual([[1, 2]])
    expect(plan.warnings).toEqual([expect.stringContaining('#1 into main, #2 into release')])
  })

  test('the plan of one job excludes the others', () => {
    const plan = planOf(graph, { only: 'B', postStatus: false })
    expect(plan.jobs.map(({ action }) => action)).toEqual(['exclude', 'run', 'exclude', 'exclude', 'exclude'])
  })

  test('the plan is refused with exactly the unreadable repositories when one cannot be read', () => {
    const unreadable = (repo: string): RepositoryReading => ({ kind: 'unreadable', repo, failure: failureOf() })
    const readings = [unreadable('acme/A'), absentReading('acme/B'), readingOf('acme/C'), unreadable('acme/D')]
    expect(problemsOf({ readings: [...readings, readingOf('acme/E', { isArchived: true })] })).toEqual([
      'unreadable acme/A: acme/A could not be read: GitHub answered 502',
      'unreadable acme/D: acme/D could not be read: GitHub answered 502',
    ])
  })

  test('the plan is refused for a default branch and for a branch that exists nowhere', () => {
    const small = graphOf({ A: [] })
    expect(problemsOf({ readings: [readingOf('acme/A', { defaultBranch: branch })] }, small)).toEqual([
      'usage -: DPTA-1 is the default branch of acme/A, not a change',
    ])
    expect(problemsOf({ readings: [absentReading('acme/A')] }, small)).toEqual([
      'absent-everywhere -: no repository of the graph has the branch DPTA-1',
    ])
  })

  test.each([
    ['nowhere', '--only nowhere names no job of the graph file'],
    ['A', '--only A names a job whose repository has no branch DPTA-1'],
  ])('the plan is refused for --only %s', (only, message) => {
    const readings = [absentReading('acme/A'), readingOf('acme/B')]
    expect(problemsOf({ readings, only, postStatus: false }, graphOf({ A: [], B: ['A'] }))).toEqual([
      `usage -: ${message}`,
    ])
  })

  test('the plan is unsettled while a branch and its pull request disagree', () => {
    const lagging = readingOf('acme/A', { headSha: sha('b') })
    expect(planChange(planningInput(graphOf({ A: [] }), { readings: [lagging] }))).toEqual({
      kind: 'unsettled',
      reason: 'acme/A#1 has the head a000000, but its branch is at b000000',
    })
    const gone = readingOf('acme/A', { headSha: null })
    const readings = [gone, readingOf('acme/B')]
    expect(planChange(planningInput(graphOf({ A: [], B: [] }), { readings })).kind).toBe('unsettled')
  })
})

describe('shared head', () => {
  const small = graphOf({ A: [] })
  const other = pullRequestOf('acme/A', { number: 9, headRef: 'other' })
  const fork = pullRequestOf('acme/A', { number: 8, isFork: true })

  test('a head that a pull request of another branch shares makes the plan fail', () => {
    expect(problemsOf({ readings: [readingOf('acme/A', { sameHead: [other] })] }, small)).toEqual([
      expect.stringMatching(/^head-shared acme\/A: acme\/A#9 of branch other has the same head commit a000000/u),
    ])
  })

  test('a head that a pull request of a fork shares causes a warning', () => {
    const plan = planOf(small, { readings: [readingOf('acme/A', { sameHead: [fork] })] })
    expect(plan.warnings).toEqual([expect.stringContaining('acme/A#8 comes from a fork')])
  })

  test('a shared head is ignored where no status will be posted', () => {
    const without = readingOf('acme/A', { sameHead: [other, fork], pullRequests: [] })
    expect(planOf(small, { readings: [without] }).warnings).toEqual([])
    const readings = [readingOf('acme/A', { sameHead: [other, fork] })]
    expect(planOf(small, { readings, postStatus: false }).warnings).toEqual([])
  })
})

describe('workflow problems', () => {
  const template = (source: string): Template => ({ source, parts: [{ kind: 'text', text: source }] })
  const expression = (name: 'branch' | 'job.attempt'): Template => ({
    source: `\${{ ${name} }}`,
    parts: [{ kind: 'expression', expression: { name } }],
  })
  const declares = (inputs: Record<string, Partial<DeclaredInput>>): WorkflowTriggers => ({
    kind: 'dispatchable',
    inputs: new Map(
      Object.entries(inputs).map(([name, input]) => [
        name,
        { type: 'text' as const, required: false, hasDefault: false, options: null, ...input },
      ]),
    ),
  })

  test('the plan reads a workflow text that several repositories share only once', () => {
    const texts: string[] = []
    const readTriggers = (text: string): WorkflowTriggers => {
      texts.push(text)
      return declares({})
    }
    const fileOf = (text: string) => ({ workflow: 'build.yml', atHead: text, atDefaultBranch: text })
    const readings = ['A', 'B', 'C', 'D', 'E'].map((id) =>
      readingOf(`acme/${id}`, { workflows: [fileOf(id === 'E' ? 'another' : 'the same')] }),
    )
    expect(planOf(graph, { readings, readTriggers }).jobs.map(({ action }) => action)).toEqual(Array(5).fill('run'))
    expect(texts).toEqual(['the same', 'another'])
  })

  test('the plan reports the workflow problems of all members together, but not of skipped ones', () => {
    const file = { workflow: 'build.yml', atHead: null, atDefaultBranch: null }
    const readings = [
      readingOf('acme/A', { workflows: [file] }),
      readingOf('acme/B', { isArchived: true }),
      absentReading('acme/C'),
      readingOf('acme/D', { workflows: [{ ...file, atHead: 'not dispatchable' }] }),
      readingOf('acme/E', { workflows: [{ ...file, atHead: 'broken', atDefaultBranch: 'fine' }] }),
    ]
    const readTriggers = (text: string): WorkflowTriggers =>
      text === 'broken' ? { kind: 'invalid', problem: 'no YAML' } : { kind: 'not-dispatchable' }
    expect(problemsOf({ readings, readTriggers }).map((problem) => problem.slice(0, 60))).toEqual(
      [
        'repository acme/B: acme/B has the branch but is archived, so ',
        'workflow acme/A: acme/A has no .github/workflows/build.yml o',
        'workflow acme/A: acme/A has no .github/workflows/build.yml a',
        'workflow acme/B: .github/workflows/build.yml of acme/B has n',
        'workflow acme/D: acme/D has no .github/workflows/build.yml o',
        'workflow acme/D: .github/workflows/build.yml of acme/D has n',
        'workflow acme/E: .github/workflows/build.yml of acme/E canno',
      ].map((problem) => problem.slice(0, 60)),
    )
  })

  test('the plan is refused for an undeclared input, a value that is not an option, and a missing required input', () => {
    const inputs = { mode: template('slow'), extra: template('x') }
    const triggers = declares({
      mode: { type: 'choice', options: ['fast'] },
      constructor: { required: true },
      free: { required: true, hasDefault: true },
    })
    expect(problemsOf({ readTriggers: () => triggers }, graphOf({ A: [] }, { job: { inputs } }))).toEqual([
      'workflow acme/A: the input mode of build.yml of acme/A does not take "slow"',
      'workflow acme/A: build.yml of acme/A does not declare the input extra: it declares mode, constructor, free',
      'workflow acme/A: build.yml of acme/A requires the input constructor, which the job A does not give',
    ])
  })

  test('the plan accepts an expression for an input with options, because its value is known only later', () => {
    const mode = expression('job.attempt')
    const readTriggers = (): WorkflowTriggers => declares({ mode: { type: 'choice', options: ['fast'] } })
    expect(planOf(graphOf({ A: [] }, { job: { inputs: { mode } } }), { readTriggers }).jobs).toHaveLength(1)
  })

  test.each([
    ['boolean', 'yes', 'true or false'],
    ['boolean', 'True', 'true or false'],
    ['boolean', '1', 'true or false'],
    ['number', 'many', 'a number'],
    ['number', '1,5', 'a number'],
    ['number', '0x10', 'a number'],
  ] as const)('the plan is refused for a %s input with the value %s', (type, value, expected) => {
    const job = { inputs: { it: template(value) } }
    const planning = planChange(
      planningInput(graphOf({ A: [] }, { job }), { readTriggers: () => declares({ it: { type } }) }),
    )
    expect(planning).toMatchObject({
      kind: 'refused',
      problems: [
        {
          message: `the input it of build.yml of acme/A does not take "${value}"`,
          remedy: `Choose ${expected}.`,
        },
      ],
    })
  })

  test.each([
    ['boolean', 'true'],
    ['boolean', 'false'],
    ['boolean', ''],
    ['number', '1.5e3'],
    ['number', '-.5'],
    ['number', ''],
    ['text', 'yes'],
  ] as const)('the plan accepts a %s input with the value "%s"', (type, value) => {
    const job = { inputs: { it: template(value) } }
    const readTriggers = (): WorkflowTriggers => declares({ it: { type } })
    expect(planOf(graphOf({ A: [] }, { job }), { readTriggers }).jobs).toHaveLength(1)
  })

  test('the plan is refused for a number input that gets the name of the branch', () => {
    const job = { inputs: { it: expression('branch') } }
    const readTriggers = (): WorkflowTriggers => declares({ it: { type: 'number' } })
    expect(problemsOf({ readTriggers }, graphOf({ A: [] }, { job }))).toEqual([
      'workflow acme/A: the input it of build.yml of acme/A does not take "DPTA-1"',
    ])
  })

  test('the plan is refused for every disabled workflow that would be dispatched, whether a run at the head or GitHub itself shows it', () => {
    const run = {
      runId: 1,
      url: 'https://github.test/acme/B/actions/runs/1',
      workflow: 'build.yml',
      workflowState: 'disabled' as const,
      headSha: sha('a'),
      status: 'completed',
      conclusion: 'failure',
      createdAt: 0,
      updatedAt: 0,
    }
    const readings = [
      readingOf('acme/A'),
      readingOf('acme/B', { runs: [run] }),
      absentReading('acme/C'),
      readingOf('acme/D'),
      readingOf('acme/E', { runs: [{ ...run, workflowState: 'active' }] }),
    ]
    const input = planningInput(graph, { readings })
    const unknown = workflowsToPlanWith(input)
    expect(unknown).toEqual(['A', 'D'].map((id) => ({ repo: `acme/${id}`, workflow: 'build.yml' })))
    const workflowStates = new Map([
      [workflowKey({ repo: 'acme/A', workflow: 'build.yml' }), 'disabled' as const],
      [workflowKey({ repo: 'acme/D', workflow: 'build.yml' }), 'active' as const],
    ])
    expect(problemsOf({ readings, workflowStates })).toEqual([
      'workflow acme/A: the workflow build.yml of acme/A is disabled, so GitHub refuses to start it',
      'workflow acme/B: the workflow build.yml of acme/B is disabled, so GitHub refuses to start it',
    ])
  })
})
