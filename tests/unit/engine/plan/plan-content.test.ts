import { describe, expect, test } from 'vitest'
import { planChange } from '../../../../src/engine/build/plan/plan.js'
import type { PullRequest, RepositoryRead } from '../../../../src/model/change.js'
import type { Graph } from '../../../../src/model/graph.js'
import { absentReading, graphOf, planOf, planningInput, pullRequestOf, readingOf, sha, statusOf } from '../fixtures.js'

const one = graphOf({ A: [] })
const two = graphOf({ A: [], B: [] })
const pull = (changes: Partial<PullRequest>): PullRequest => pullRequestOf('acme/A', changes)

describe('warnings of a plan', () => {
  const warningsOf = (a: Partial<RepositoryRead>, graph: Graph = one, postStatus = true): readonly string[] =>
    planOf(graph, {
      readings: graph.jobs.map(({ repo }) => (repo === 'acme/A' ? readingOf(repo, a) : readingOf(repo))),
      postStatus,
    }).warnings

  test('a change with one mergeable pull request in each repository has none', () => {
    expect(warningsOf({}, two)).toEqual([])
  })

  test.each<[string, Partial<RepositoryRead>, string[]]>([
    [
      'a fork with the same head',
      { sameHead: [pull({ number: 8, isFork: true }), pull({ number: 9, isFork: true })] },
      [
        'acme/A#8 comes from a fork and has the same head commit: the status will show on it too',
        'acme/A#9 comes from a fork and has the same head commit: the status will show on it too',
      ],
    ],
    [
      'several pull requests of the branch, whose bases are in that warning already',
      { pullRequests: [pull({}), pull({ number: 2, baseRef: 'release' })] },
      [
        'acme/A has several pull requests of this branch (#1 into main, #2 into release): one status counts for all of them',
      ],
    ],
    [
      'another base',
      { pullRequests: [pull({ baseRef: 'release' })] },
      ['acme/A#1 merges into release, not into the default branch main'],
    ],
    [
      'a draft',
      { pullRequests: [pull({ isDraft: true })] },
      ['acme/A#1 is a draft: the change is built, but it stays locked until this is mended'],
    ],
    [
      'a conflict',
      { pullRequests: [pull({ mergeability: 'conflicting' })] },
      ['acme/A#1 conflicts with main: the change is built, but it stays locked until this is mended'],
    ],
    ['a mergeability that is not known yet', { pullRequests: [pull({ mergeability: 'unknown' })] }, []],
    [
      'a merge queue',
      { pullRequests: [pull({ hasMergeQueue: true })] },
      [
        'a merge queue performs this merge: acme/A#1 into main. It waits for orchestrator-build on a commit of its own ' +
          '(gh-readonly-queue/...), where only the service posts it: see "Merge queues" in docs/github-setup.md',
      ],
    ],
    [
      'a member that is ahead and has no pull request',
      { pullRequests: [], isAhead: true },
      ['acme/A has commits of this branch, but no pull request: open one, or the change is merged without it'],
    ],
    ['a member without a pull request that is not ahead', { pullRequests: [], isAhead: false }, []],
  ])('a plan warns of %s', (_, a, warnings) => {
    expect(warningsOf(a)).toEqual(warnings)
  })

  test('a member without a pull request that holds the change is warned of once', () => {
    const holding: Graph = { ...two, membersWithoutPullRequest: 'hold' }
    expect(warningsOf({ pullRequests: [], isAhead: true }, holding)).toEqual([
      'acme/A has commits of this branch, but no pull request: open one, until then the change stays locked',
    ])
  })

  test('stacked pull requests are warned of although there are several pull requests', () => {
    const allowing: Graph = { ...one, stackedPullRequests: 'allow' }
    const pullRequests = [pull({ baseRef: 'DPTA-2' }), pull({ number: 2, baseRef: 'release' })]
    expect(warningsOf({ pullRequests }, allowing)).toEqual([
      'acme/A has several pull requests of this branch (#1 into DPTA-2, #2 into release): one status counts for all of them',
      'acme/A#1 is stacked on DPTA-2, the branch of another change, as the graph file allows',
    ])
  })

  test('with --no-status a plan warns neither of forks nor of what would hold the change', () => {
    const pullRequests = [pull({ isDraft: true })]
    const sameHead = [pull({ number: 8, isFork: true })]
    expect(warningsOf({ pullRequests, sameHead }, one, false)).toEqual([])
  })

  test('a repository without the branch is not warned of', () => {
    const sameHead = [pullRequestOf('acme/B', { number: 8, isFork: true })]
    const readings = [readingOf('acme/A'), { ...absentReading('acme/B'), sameHead }]
    expect(planOf(two, { readings }).warnings).toEqual([])
  })
})

describe('members and targets of a plan', () => {
  const pending = statusOf({ id: 4, description: 'run:before0001 building' })

  test('a member has its head, its pull requests and its default branch, and nothing that is not so', () => {
    const { members, absent } = planOf(two, {
      readings: [readingOf('acme/A', { isAhead: false }), absentReading('acme/B')],
    })
    expect(members).toEqual([
      { repo: 'acme/A', headSha: sha('a'), pullRequests: [pullRequestOf('acme/A')], defaultBranch: 'main' },
    ])
    expect(absent).toEqual([{ repo: 'acme/B', defaultBranch: 'main', defaultBranchSha: sha('d') }])
  })

  test('a member without a pull request keeps its status for the time when one is opened', () => {
    const readings = [
      readingOf('acme/A', { pullRequests: [], status: pending, isAhead: true }),
      readingOf('acme/B', { status: pending }),
    ]
    const { members, targets } = planOf(two, { readings })
    expect(members.map(({ status, isAhead }) => ({ status, isAhead }))).toEqual([
      { status: pending, isAhead: true },
      { status: undefined, isAhead: undefined },
    ])
    expect(targets.map(({ repo, status }) => ({ repo, status }))).toEqual([{ repo: 'acme/B', status: pending }])
  })

  test.each([
    ['the pending status of an orchestration', pending, 'before0001'],
    ['its failure', { ...pending, state: 'failure' as const }, 'before0001'],
    ['its success', { ...pending, state: 'success' as const }, null],
    ['an invalidation', { ...pending, description: 'inv:before0001 pushed' }, null],
    ['a status of a person', { ...pending, description: 'by hand' }, null],
    ['no status', null, null],
  ])('after %s the head may be claimed by %s', (_, status, claimedBy) => {
    const { targets } = planOf(one, { readings: [readingOf('acme/A', { status })] })
    expect(targets[0]).toMatchObject({ status, claimedBy, headSha: sha('a') })
  })

  test('the earlier heads with a success of ours are known if they were read', () => {
    const success = (description: string) => statusOf({ state: 'success', description })
    const earlierStatuses = [
      { headSha: sha('1'), status: success('run:before0001 set:000000000000 ok') },
      { headSha: sha('2'), status: pending },
      { headSha: sha('3'), status: success('by hand') },
    ]
    const readings = [readingOf('acme/A', { earlierStatuses }), readingOf('acme/B')]
    const { targets } = planOf(two, { readings })
    expect(targets.map(({ earlierSuccesses }) => earlierSuccesses)).toEqual([[sha('1')], undefined])
  })

  test('a plan with excluded jobs has no target, and its excluded jobs say why', () => {
    const { targets, jobs } = planOf(two, { only: 'A' })
    expect(targets).toEqual([])
    expect(jobs.map(({ job, action, reason }) => ({ job, action, reason }))).toEqual([
      { job: 'A', action: 'run', reason: 'no record of an earlier build was read' },
      { job: 'B', action: 'exclude', reason: 'left out by --only A' },
    ])
  })

  test('a forced job says so, and with --only it is the only one', () => {
    const reasons = (only: string | null): string[] =>
      planOf(two, { only, force: true, postStatus: false }).jobs.map(({ reason }) => reason)
    expect(reasons(null)).toEqual(['--force', '--force'])
    expect(reasons('B')).toEqual(['left out by --only B', '--force'])
  })

  test('a default branch that is left out is not part of the tested set', () => {
    const building: Graph = {
      ...two,
      jobs: two.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch: 'build' } : job)),
    }
    const workflows = [{ workflow: 'build.yml', atHead: null, atDefaultBranch: 'text' }]
    const readings = [readingOf('acme/A'), { ...absentReading('acme/B'), workflows }]
    expect(planOf(building, { readings, only: 'A' }).absent[0]).not.toHaveProperty('isBuilt')
    expect(planOf(building, { readings }).absent[0]).toMatchObject({ isBuilt: true })
    expect(planOf(building, { readings }).jobs[0]).not.toHaveProperty('defaultBranch')
  })

  test('a job carries the marker where the workflow that runs shows it and the graph file does not use its input', () => {
    const input = { type: 'text', required: false, hasDefault: false, options: null } as const
    const readTriggers = (text: string) => ({
      kind: 'dispatchable' as const,
      inputs: new Map([['orch_id', input]]),
      ...(text === 'marked' ? { runName: '${{ inputs.orch_id }}' } : {}),
    })
    const file = { workflow: 'build.yml', atHead: 'marked', atDefaultBranch: 'plain' }
    const carries = (graph: Graph, readings: RepositoryRead[]): boolean[] =>
      planOf(graph, { readings, readTriggers }).jobs.map(({ carriesMarker }) => carriesMarker)
    const atHead = readingOf('acme/A', { workflows: [file] })
    expect(carries(one, [atHead])).toEqual([true])
    expect(carries(one, [readingOf('acme/A', { workflows: [{ ...file, atHead: 'plain' }] })])).toEqual([false])
    const orch_id = { source: 'mine', parts: [{ kind: 'text' as const, text: 'mine' }] }
    expect(carries(graphOf({ A: [] }, { job: { inputs: { orch_id } } }), [atHead])).toEqual([false])
    const building: Graph = {
      ...two,
      jobs: two.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch: 'build' } : job)),
    }
    const absent = { ...absentReading('acme/B'), workflows: [{ ...file, atHead: null, atDefaultBranch: 'marked' }] }
    expect(carries(building, [atHead, absent])).toEqual([true, true])
  })

  test('a plan needs the reading of every repository', () => {
    expect(() => planChange(planningInput(two, { readings: [readingOf('acme/A')] }))).toThrow('acme/B was not read')
  })
})
