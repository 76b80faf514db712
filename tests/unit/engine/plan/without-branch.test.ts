import { describe, expect, test } from 'vitest'
import { checkStatus } from '../../../../src/engine/build/check-status.js'
import { planChange } from '../../../../src/engine/build/plan/plan.js'
import { compareReadings } from '../../../../src/engine/build/verify/verify.js'
import type { RepositoryRead } from '../../../../src/model/change.js'
import { fingerprints } from '../../../../src/model/build/fingerprint.js'
import type { Graph, WithoutBranch } from '../../../../src/model/graph.js'
import { absentReading, fold, graphOf, planOf, planningInput, readingOf, sha } from '../fixtures.js'

/** B needs A; the repository of B does not have the branch. */
function graphWith(withoutBranch: WithoutBranch): Graph {
  const graph = graphOf({ A: [], B: ['A'] })
  return { ...graph, jobs: graph.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch } : job)) }
}

const graph = graphWith('build')
const text = 'on: workflow_dispatch'
const absent = (changes: Partial<RepositoryRead> = {}): RepositoryRead => ({
  ...absentReading('acme/B'),
  workflows: [{ workflow: 'build.yml', atHead: null, atDefaultBranch: text }],
  ...changes,
})
const plan = planOf(graph, { readings: [readingOf('acme/A'), absent()] })

describe('without-branch: build', () => {
  test('the job builds the head of the default branch, and its repository is not a member and gets no status', () => {
    expect(plan.jobs[1]).toMatchObject({ action: 'run', headSha: sha('d'), defaultBranch: 'main' })
    expect(plan.members.map(({ repo }) => repo)).toEqual(['acme/A'])
    expect(plan.targets.map(({ repo }) => repo)).toEqual(['acme/A'])
    expect(plan.absent).toMatchObject([{ repo: 'acme/B', isBuilt: true }])
  })

  test('with skip nothing is built, and the digest is another one', () => {
    const skipped = planOf(graphWith('skip'), { readings: [readingOf('acme/A'), absent()] })
    expect(skipped.jobs[1]).toMatchObject({ action: 'skip', headSha: null })
    expect(skipped.setDigest).not.toBe(plan.setDigest)
  })

  test('a default branch without the workflow refuses the plan as wrong use', () => {
    const none = absent({ workflows: [{ workflow: 'build.yml', atHead: null, atDefaultBranch: null }] })
    const planning = planChange(planningInput(graph, { readings: [readingOf('acme/A'), none] }))
    expect(planning).toMatchObject({ kind: 'refused', problems: [{ kind: 'default-branch', repo: 'acme/B' }] })
  })

  test('an empty repository is skipped, because it has no commit to build', () => {
    const empty = absent({ defaultBranchSha: null })
    const { jobs } = planOf(graph, { readings: [readingOf('acme/A'), empty] })
    expect(jobs[1]).toMatchObject({ action: 'skip' })
  })

  test('the fingerprint differs from that of the same commit as the head of a branch', () => {
    const heads = { headSha: sha('d'), defaultBranchSha: sha('d') }
    const onBranch = fingerprints(graph, 'DPTA-1', () => heads).get('B')
    const onDefault = fingerprints(graph, 'DPTA-1', (repo) =>
      repo === 'acme/B' ? { ...heads, headSha: null } : heads,
    ).get('B')
    expect(onDefault).not.toBe(onBranch)
  })

  test.each([
    ['of a job that builds it is a reason to stop', graph, 'moved'],
    ['of a job that is skipped is not', graphWith('skip'), 'unchanged'],
  ])('a move of the default branch %s', (_, tested, kind) => {
    const first = planOf(tested, { readings: [readingOf('acme/A'), absent()] })
    const readings = [readingOf('acme/A'), absent({ defaultBranchSha: sha('e') })]
    const second = { readings, vanished: new Map(), histories: null }
    expect(compareReadings(fold(first, []), 'while-building', second).kind).toBe(kind)
  })

  test('orch status counts the default branch into the digest', () => {
    const status = checkStatus(graph, 'DPTA-1', [readingOf('acme/A'), absent()])
    expect(status.setDigest).toBe(plan.setDigest)
    expect(status.repositories[1]).toMatchObject({ built: { defaultBranch: 'main', headSha: sha('d') } })
  })
})
