import { describe, expect, test } from 'vitest'
import { planChange } from '../../../../src/engine/build/plan/plan.js'
import type { PlanningInput } from '../../../../src/engine/build/plan/plan.js'
import type { EndedPullRequest, RepositoryRead } from '../../../../src/model/change.js'
import { handoffTemplate } from '../../../../src/model/build/handoff.js'
import type { Template } from '../../../../src/model/build/template.js'
import type { Graph, Job } from '../../../../src/model/graph.js'
import type { DeclaredInput, WorkflowTriggers } from '../../../../src/model/workflow-triggers.js'
import { absentReading, branch, failureOf, graphOf, planningInput, pullRequestOf, readingOf, sha } from '../fixtures.js'

const one = graphOf({ A: [] })
const two = graphOf({ A: [], B: [] })

/** `message | remedy` of each problem. */
function problemsOf(graph: Graph, changes: Partial<PlanningInput>): string[] {
  const planning = planChange(planningInput(graph, changes))
  if (planning.kind !== 'refused') throw new Error(`the plan is ${planning.kind}`)
  return planning.problems.map(({ message, remedy }) => `${message} | ${remedy}`)
}

const near = (repo: string): RepositoryRead => ({ ...absentReading(repo), caseVariants: ['dpta-1'] })
const file = { workflow: 'build.yml', atHead: 'text', atDefaultBranch: 'text' }
const merged: EndedPullRequest = {
  number: 7,
  url: 'https://github.test/acme/A/pull/7',
  isMerged: true,
  headSha: sha('a'),
  baseRef: 'main',
}
const leftover = (repo: string, ...more: EndedPullRequest[]): RepositoryRead =>
  readingOf(repo, { pullRequests: [], endedPullRequests: [merged, ...more] })

describe('refused plan: the branch', () => {
  test.each<[string, Graph, readonly RepositoryRead[], string[]]>([
    [
      'the default branch of some repositories',
      graphOf({ A: [], B: [], C: [] }),
      [
        readingOf('acme/A', { defaultBranch: branch }),
        readingOf('acme/B'),
        readingOf('acme/C', { defaultBranch: branch }),
      ],
      [
        'DPTA-1 is the default branch of acme/A, acme/C, not a change | Name the branch of a change, and let `branches` in the graph file match only such branches.',
      ],
    ],
    [
      'a branch that the only repository does not have',
      one,
      [absentReading('acme/A')],
      [
        'no repository of the graph has the branch DPTA-1 | Push it to the repository of the graph, or check its spelling.',
      ],
    ],
    [
      'a branch that none of several repositories has',
      two,
      [absentReading('acme/A'), absentReading('acme/B')],
      [
        'no repository of the graph has the branch DPTA-1 | Push it to at least one of the 2 repositories, or check its spelling.',
      ],
    ],
    [
      'a branch whose pull requests are all merged',
      two,
      [leftover('acme/A'), leftover('acme/B', { ...merged, number: 8 })],
      [
        'every pull request of DPTA-1 is merged: acme/A#7, acme/B#7, acme/B#8 | There is nothing to build. Delete the branch, or push a new commit to it.',
      ],
    ],
    [
      'a branch that differs in case, beside a member',
      two,
      [readingOf('acme/A'), near('acme/B')],
      [
        'acme/B has no branch DPTA-1, but it has dpta-1, which differs only in case | Rename it there (git push origin origin/dpta-1:refs/heads/DPTA-1 :dpta-1), or delete it if it is not part of the change.',
      ],
    ],
    [
      'a branch that differs in case, beside a merged one',
      two,
      [leftover('acme/A'), near('acme/B')],
      [
        'acme/B has no branch DPTA-1, but it has dpta-1, which differs only in case | Rename it there (git push origin origin/dpta-1:refs/heads/DPTA-1 :dpta-1), or delete it if it is not part of the change.',
      ],
    ],
    [
      'a stacked pull request',
      one,
      [readingOf('acme/A', { pullRequests: [pullRequestOf('acme/A', { baseRef: 'DPTA-2' })] })],
      [
        'acme/A#1 is stacked on DPTA-2, the branch of another change | Merge DPTA-2 first, or change the base of acme/A#1. To build stacked pull requests, set stacked-pull-requests: allow in the graph file.',
      ],
    ],
  ])('%s is refused with what to do', (_, graph, readings, expected) => {
    expect(problemsOf(graph, { readings })).toEqual(expected)
  })

  test('a stacked pull request that the graph file allows, or an ordinary base, refuses nothing', () => {
    const on = (baseRef: string) => [readingOf('acme/A', { pullRequests: [pullRequestOf('acme/A', { baseRef })] })]
    const allowing: Graph = { ...one, stackedPullRequests: 'allow' }
    expect(planChange(planningInput(allowing, { readings: on('DPTA-2') })).kind).toBe('planned')
    expect(planChange(planningInput(one, { readings: on('release') })).kind).toBe('planned')
  })

  test('a repository that cannot be read is named with the remedy of its failure, if it has one', () => {
    const unreadable = (repo: string, remedy?: string) =>
      ({ kind: 'unreadable', repo, failure: failureOf(remedy === undefined ? {} : { remedy }) }) as const
    const readings = [unreadable('acme/A'), unreadable('acme/B', 'Grant it.')]
    expect(problemsOf(two, { readings })).toEqual([
      'acme/A could not be read: GitHub answered 502 | Every repository must be readable. Try again when this one is.',
      'acme/B could not be read: GitHub answered 502 | Grant it.',
    ])
    const planning = planChange(planningInput(two, { readings }))
    expect(planning).toMatchObject({
      problems: [{ failure: failureOf() }, { failure: failureOf({ remedy: 'Grant it.' }) }],
    })
  })
})

describe('refused plan: --only', () => {
  const chain = graphOf({ A: [], B: ['A'], C: ['B'] })
  const readings = [absentReading('acme/A'), readingOf('acme/B'), readingOf('acme/C')]

  test.each([
    ['A', '--only A names a job whose repository has no branch DPTA-1 | Jobs that can run: B, C.'],
    ['nowhere', '--only nowhere names no job of the graph file | Jobs that can run: B, C.'],
  ])('--only %s is refused with the jobs that can run', (only, problem) => {
    expect(problemsOf(chain, { readings, only, postStatus: false })).toEqual([problem])
  })

  test('--only of a job that can run is not refused', () => {
    expect(planChange(planningInput(chain, { readings, only: 'B', postStatus: false })).kind).toBe('planned')
  })
})

describe('refused plan: the repository', () => {
  const building = (repo: string): Graph => ({
    ...two,
    jobs: two.jobs.map((job) => (job.repo === repo ? { ...job, withoutBranch: 'build' } : job)),
  })
  const archived = 'Unarchive it, or take its job out of the graph file.'

  test('an archived repository with the branch is refused', () => {
    const readings = [readingOf('acme/A', { isArchived: true }), readingOf('acme/B')]
    expect(problemsOf(two, { readings })).toEqual([
      `acme/A has the branch but is archived, so nothing can run or be merged in it | ${archived}`,
    ])
  })

  test('an archived repository without the branch is refused only if its default branch is built', () => {
    const absent = { ...absentReading('acme/B'), isArchived: true, workflows: [file] }
    const readings = [readingOf('acme/A'), absent]
    expect(problemsOf(building('acme/B'), { readings })).toEqual([
      `main of acme/B is to be built, but the repository is archived, so nothing can run in it | ${archived}`,
    ])
    expect(planChange(planningInput(two, { readings })).kind).toBe('planned')
  })

  test('a head that a pull request of another branch shares is refused with the way out', () => {
    const sameHead = [
      pullRequestOf('acme/A', { number: 8, isFork: true }),
      pullRequestOf('acme/A', { number: 9, headRef: 'other' }),
    ]
    expect(problemsOf(one, { readings: [readingOf('acme/A', { sameHead })] })).toEqual([
      'acme/A#9 of branch other has the same head commit a000000, and a status counts for both | Push an empty commit to one of the two branches (git commit --allow-empty), or run with --no-status.',
    ])
  })
})

describe('refused plan: the workflow', () => {
  const text = (source: string): Template => ({ source, parts: [{ kind: 'text', text: source }] })
  const declares = (inputs: Readonly<Record<string, Partial<DeclaredInput>>>) => (): WorkflowTriggers => ({
    kind: 'dispatchable',
    inputs: new Map(
      Object.entries(inputs).map(([name, input]) => [
        name,
        { type: 'text', required: false, hasDefault: false, options: null, ...input },
      ]),
    ),
  })
  const path = '.github/workflows/build.yml'
  const withFile = (atHead: string | null, atDefaultBranch: string | null): readonly RepositoryRead[] => [
    readingOf('acme/A', { workflows: [{ workflow: 'build.yml', atHead, atDefaultBranch }] }),
  ]
  const reading = (triggers: WorkflowTriggers) => (): WorkflowTriggers => triggers

  test.each<[string, Partial<PlanningInput>, string[]]>([
    [
      'a file that is missing on the default branch',
      { readings: withFile('text', null) },
      [
        `acme/A has no ${path} on its default branch main, where GitHub looks for it | Merge the file into main, or name another \`workflow\` for A.`,
      ],
    ],
    [
      'a file that is missing at the head',
      { readings: withFile(null, 'text') },
      [`acme/A has no ${path} at the head of the change | Bring main into the branch, or add the file to it.`],
    ],
    [
      'a file that is missing everywhere',
      { readings: withFile(null, null) },
      [
        `acme/A has no ${path} on its default branch main, where GitHub looks for it | Merge the file into main, or name another \`workflow\` for A.`,
        `acme/A has no ${path} at the head of the change | Bring main into the branch, or add the file to it.`,
      ],
    ],
    [
      'a file that cannot be read',
      { readTriggers: reading({ kind: 'invalid', problem: 'line 3 is no YAML' }) },
      [`${path} of acme/A cannot be read: line 3 is no YAML | Correct the file on the branch.`],
    ],
    [
      'a file without the trigger',
      { readTriggers: reading({ kind: 'not-dispatchable' }) },
      [
        `${path} of acme/A has no \`workflow_dispatch\` trigger at the head of the change | Add \`workflow_dispatch:\` below \`on:\` in that file, on the branch.`,
      ],
    ],
    [
      'a disabled workflow',
      { workflowStates: new Map([['acme/a build.yml', 'disabled']]) },
      [
        'the workflow build.yml of acme/A is disabled, so GitHub refuses to start it | Enable it on its page under Actions of acme/A, or with `gh workflow enable build.yml --repo acme/A`.',
      ],
    ],
  ])('%s is refused with what to do', (_, changes, expected) => {
    expect(problemsOf(one, changes)).toEqual(expected)
  })

  test('a missing file is named with the commit where it is missing, so that one of a similar name can be suggested', () => {
    expect(planChange(planningInput(one, { readings: withFile(null, null) }))).toMatchObject({
      problems: [
        { kind: 'workflow', missing: { repo: 'acme/A', workflow: 'build.yml', sha: null } },
        { kind: 'workflow', missing: { repo: 'acme/A', workflow: 'build.yml', sha: sha('a') } },
      ],
    })
  })

  test.each<[string, string | null, WorkflowTriggers, string, string]>([
    [
      'is missing there',
      null,
      { kind: 'not-dispatchable' },
      'default-branch',
      `acme/A has no ${path} on its default branch main, where GitHub looks for it | Merge the file into main, or name another \`workflow\` for A, or skip it: \`without-branch: skip\`.`,
    ],
    [
      'cannot be started there',
      'text',
      { kind: 'not-dispatchable' },
      'default-branch',
      `${path} of acme/A has no \`workflow_dispatch\` trigger on its default branch main | Add \`workflow_dispatch:\` below \`on:\` in that file, on main.`,
    ],
    [
      'cannot be read there',
      'text',
      { kind: 'invalid', problem: 'line 3 is no YAML' },
      'workflow',
      `${path} of acme/A cannot be read: line 3 is no YAML | Correct the file on main.`,
    ],
  ])('a default branch is refused when its workflow %s', (_, atDefaultBranch, triggers, kind, problem) => {
    const building: Graph = {
      ...two,
      jobs: two.jobs.map((job) => (job.id === 'A' ? { ...job, withoutBranch: 'build' } : job)),
    }
    const absent = { ...absentReading('acme/A'), workflows: [{ workflow: 'build.yml', atHead: null, atDefaultBranch }] }
    const input = {
      readings: [absent, readingOf('acme/B', { workflows: [{ ...file, atHead: 'fine', atDefaultBranch: 'fine' }] })],
      readTriggers: (source: string) => (source === 'fine' ? declares({})() : triggers),
    }
    expect(problemsOf(building, input)).toEqual([problem])
    expect(planChange(planningInput(building, input))).toMatchObject({ problems: [{ kind, repo: 'acme/A' }] })
  })

  const withInputs = (inputs: Job['inputs']): Graph => graphOf({ A: [] }, { job: { inputs } })

  test.each<[string, Job['inputs'], Readonly<Record<string, Partial<DeclaredInput>>>, string[]]>([
    [
      'an input that is not declared',
      { extra: text('x') },
      { mode: {}, other: {} },
      [
        'build.yml of acme/A does not declare the input extra: it declares mode, other | Declare it there, or take it out of the job A.',
      ],
    ],
    [
      'an input of a workflow without any',
      { extra: text('x') },
      {},
      [
        'build.yml of acme/A does not declare the input extra: it declares none | Declare it there, or take it out of the job A.',
      ],
    ],
    [
      'the input of what its needs hand on, which is not declared',
      { handoff: handoffTemplate([{ job: 'B', repository: 'acme/B' }]) },
      {},
      [
        'build.yml of acme/A does not declare the input handoff: it declares none | Declare it there, or remove `handoff: true` from what A needs.',
      ],
    ],
    [
      'the input of what its needs hand on, which takes no text',
      { handoff: handoffTemplate([{ job: 'B', repository: 'acme/B' }]) },
      { handoff: { type: 'boolean' } },
      ['the input handoff of build.yml of acme/A takes no text | Make it `type: string`.'],
    ],
    [
      'a value that is not an option',
      { mode: text('slow') },
      { mode: { type: 'choice', options: ['fast', 'safe'] } },
      ['the input mode of build.yml of acme/A does not take "slow" | Choose one of fast, safe.'],
    ],
    [
      'a required input that the job does not give',
      {},
      { mode: { required: true }, free: { required: true, hasDefault: true }, other: {} },
      ['build.yml of acme/A requires the input mode, which the job A does not give | Add it below `inputs` of A.'],
    ],
    [
      'a number with letters around it',
      { size: text('1 MB') },
      { size: { type: 'number' } },
      ['the input size of build.yml of acme/A does not take "1 MB" | Choose a number.'],
    ],
    [
      'a number with letters before it',
      { size: text('v12') },
      { size: { type: 'number' } },
      ['the input size of build.yml of acme/A does not take "v12" | Choose a number.'],
    ],
  ])('%s is refused with what to do', (_, inputs, declared, expected) => {
    expect(problemsOf(withInputs(inputs), { readTriggers: declares(declared) })).toEqual(expected)
  })

  test.each<[string, Job['inputs'], Partial<DeclaredInput>]>([
    ['an option', { it: text('fast') }, { type: 'choice', options: ['fast', 'safe'] }],
    ['any value where the options are unknown', { it: text('slow') }, { type: 'choice', options: null }],
    ['a required input that the job gives', { it: text('x') }, { required: true }],
    ['a long number', { it: text('+12.50e-10') }, { type: 'number' }],
    ['a number without a fraction', { it: text('12.') }, { type: 'number' }],
    ['a fraction alone', { it: text('.25') }, { type: 'number' }],
    ['a number with a capital exponent', { it: text('1E+20') }, { type: 'number' }],
  ])('%s is accepted', (_, inputs, declared) => {
    expect(planChange(planningInput(withInputs(inputs), { readTriggers: declares({ it: declared }) })).kind).toBe(
      'planned',
    )
  })

  test('a value that is put together from texts and the branch is checked as a whole', () => {
    const it: Template = {
      source: 'on-${{ branch }}!',
      parts: [
        { kind: 'text', text: 'on-' },
        { kind: 'expression', expression: { name: 'branch' } },
        { kind: 'text', text: '!' },
      ],
    }
    const readTriggers = declares({ it: { type: 'choice', options: ['fast'] } })
    expect(problemsOf(withInputs({ it }), { readTriggers })).toEqual([
      'the input it of build.yml of acme/A does not take "on-DPTA-1!" | Choose one of fast.',
    ])
    expect(
      planChange(
        planningInput(withInputs({ it }), {
          readTriggers: declares({ it: { type: 'choice', options: ['on-DPTA-1!'] } }),
        }),
      ).kind,
    ).toBe('planned')
  })
})

describe('unsettled plan', () => {
  test.each<[string, Partial<RepositoryRead>, string]>([
    ['an answer that lags', { lag: 'older than before' }, 'acme/A: older than before'],
    [
      'a pull request at another head',
      { pullRequests: [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, headSha: sha('b') })] },
      'acme/A#2 has the head b000000, but its branch is at a000000',
    ],
    [
      'a pull request of a branch that is gone',
      { headSha: null },
      'acme/A#1 has the head a000000, but its branch is gone',
    ],
  ])('%s is described', (_, changes, reason) => {
    const readings = [readingOf('acme/A', changes), readingOf('acme/B')]
    expect(planChange(planningInput(two, { readings }))).toEqual({ kind: 'unsettled', reason })
  })
})
