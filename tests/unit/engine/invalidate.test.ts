import { describe, expect, test } from 'vitest'
import { invalidate } from '../../../src/engine/build/invalidate.js'
import type { InvalidateRequest } from '../../../src/engine/build/invalidate.js'
import type { EarlierStatus, PullRequest } from '../../../src/model/change.js'
import type { Failure } from '../../../src/model/failure.js'
import type { PullRequestWithStatus } from '../../../src/ports/host/changes.js'
import type { Read } from '../../../src/ports/host/read.js'
import type { PostResult, StatusPost } from '../../../src/ports/host/statuses.js'
import type { WriteOptions } from '../../../src/ports/host/write-options.js'
import { TestClock } from '../../support/test-clock.js'
import { failureOf, graphOf, pullRequestOf, sha, statusOf } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const graph = graphOf({ A: [], B: [] })
const id = 'inv0000001'
const request: InvalidateRequest = {
  id,
  branch: 'DPTA-1',
  reason: 'main was pushed',
  link: 'https://ci.test/1',
  isDryRun: false,
  earlierHeads: [],
}

/** A GitHub with these open pull requests; each post succeeds unless `refuses` names its repository. */
class OpenPullRequests extends ScriptedGitHub {
  readonly posts: StatusPost[] = []
  readonly earlier: { branch: string; repositories: string[] }[] = []
  earlierStatuses: EarlierStatus[] = []
  earlierFailure: Failure | null = null
  refuses: string | null = null
  private readonly found: Readonly<Record<string, Read<PullRequestWithStatus[]>>>

  constructor(found: Readonly<Record<string, Read<PullRequestWithStatus[]>>>) {
    super(new TestClock(), [])
    this.found = found
  }

  override readPullRequests(query?: { matches: (headRef: string) => boolean }) {
    const matches = query?.matches ?? (() => true)
    return Promise.resolve(
      Object.entries(this.found).map(([repo, read]) => ({
        repo,
        read: read.ok ? { ...read, value: read.value.filter(({ pullRequest }) => matches(pullRequest.headRef)) } : read,
      })),
    )
  }

  override readEarlierStatuses({
    branch,
    repositories,
  }: {
    branch?: string
    repositories: readonly { repo: string }[]
  }) {
    this.earlier.push({ branch: branch ?? '', repositories: repositories.map(({ repo }) => repo) })
    const read: Read<EarlierStatus[]> = this.earlierFailure
      ? { ok: false, failure: this.earlierFailure }
      : { ok: true, value: this.earlierStatuses }
    return Promise.resolve(repositories.map(({ repo }) => ({ repo, read })))
  }

  override async postStatus(
    post: StatusPost,
    _options: WriteOptions,
    beforeSend: () => Promise<boolean>,
  ): Promise<PostResult> {
    if (!(await beforeSend())) return { kind: 'withheld' }
    this.posts.push(post)
    if (post.repo === this.refuses) return { kind: 'failed', failure: failureOf() }
    return { kind: 'posted', status: statusOf({ id: this.posts.length }) }
  }
}

const pull = (
  repo: string,
  changes: Partial<PullRequest> = {},
  status: PullRequestWithStatus['status'] = null,
): PullRequestWithStatus => ({
  pullRequest: pullRequestOf(repo, { headRef: 'DPTA-1', ...changes }),
  status,
})
const read = (...value: PullRequestWithStatus[]): Read<PullRequestWithStatus[]> => ({ ok: true, value })
const success = statusOf({ state: 'success', description: 'run:before0001 set:000000000000 ok' })

async function results(github: OpenPullRequests, changes: Partial<InvalidateRequest> = {}): Promise<string[]> {
  const { pullRequests } = await invalidate(github, graph, { ...request, ...changes })
  return pullRequests.map(({ repo, pullRequest, result }) => `${repo}#${pullRequest.number} ${result.kind}`)
}

describe('an invalidation', () => {
  test('every open pull request of the change is set to pending, with the reason', async () => {
    const github = new OpenPullRequests({ 'acme/A': read(pull('acme/A', {}, success)), 'acme/B': read(pull('acme/B')) })
    expect(await results(github)).toEqual(['acme/A#1 invalidated', 'acme/B#1 invalidated'])
    expect(github.posts[0]).toEqual({
      repo: 'acme/A',
      headSha: sha('a'),
      context: 'orchestrator-build',
      state: 'pending',
      description: `inv:${id} main was pushed`,
      targetUrl: 'https://ci.test/1',
    })
  })

  test('only the branch that is named counts, or every branch of a coordinated change', async () => {
    const pulls = ['DPTA-1', 'DPTA-2', 'other'].map((headRef, index) =>
      pull('acme/A', { headRef, number: index + 1, headSha: sha(`${index}`) }),
    )
    const github = new OpenPullRequests({ 'acme/A': read(...pulls) })
    expect(await results(github)).toEqual(['acme/A#1 invalidated'])
    expect(await results(github, { branch: null })).toEqual(['acme/A#1 invalidated', 'acme/A#2 invalidated'])
    expect(await results(github, { branch: 'other' })).toEqual(['acme/A#3 invalidated'])
  })

  test.each([
    ['an invalidation', statusOf({ description: 'inv:before0001 x' }), 'unchanged'],
    [
      'a success that an invalidation seems to have written',
      statusOf({ state: 'success', description: 'inv:before0001 x' }),
      'invalidated',
    ],
    ['the claim of an orchestration', statusOf({ description: 'run:before0001 x' }), 'invalidated'],
    ['a status of a person', statusOf({ description: 'by hand' }), 'invalidated'],
  ])('a head whose newest status is %s: %s', async (_, status, result) => {
    const github = new OpenPullRequests({ 'acme/A': read(pull('acme/A', {}, status)) })
    expect(await results(github)).toEqual([`acme/A#1 ${result}`])
    expect(github.posts).toHaveLength(result === 'unchanged' ? 0 : 1)
  })

  test('pull requests that share a head get one status', async () => {
    const github = new OpenPullRequests({
      'acme/A': read(
        pull('acme/A'),
        pull('acme/A', { number: 2, baseRef: 'release' }),
        pull('acme/A', { number: 3, headSha: sha('b') }),
      ),
    })
    expect(await results(github)).toEqual(['acme/A#1 invalidated', 'acme/A#2 invalidated', 'acme/A#3 invalidated'])
    expect(github.posts.map(({ headSha }) => headSha)).toEqual([sha('a'), sha('b')])
  })

  test('a dry run posts nothing and reads no earlier head', async () => {
    const unchanged = statusOf({ description: 'inv:before0001 x' })
    const github = new OpenPullRequests({
      'acme/A': read(pull('acme/A', {}, unchanged)),
      'acme/B': read(pull('acme/B')),
    })
    const invalidation = await invalidate(github, graph, { ...request, isDryRun: true })
    expect(invalidation.pullRequests.map(({ result }) => result.kind)).toEqual(['unchanged', 'planned'])
    expect(invalidation.earlierHeads).toEqual({ locked: [], failures: [] })
    expect(github.posts).toEqual([])
    expect(github.earlier).toEqual([])
  })

  test('a status that cannot be posted, or a repository that cannot be read, does not stop the others', async () => {
    const failure = failureOf({ message: 'GitHub answered 404' })
    const github = new OpenPullRequests({
      'acme/A': read(pull('acme/A')),
      'acme/B': { ok: false, failure },
      'acme/C': read(pull('acme/C')),
    })
    github.refuses = 'acme/A'
    expect(await invalidate(github, graph, request)).toEqual({
      id,
      branch: 'DPTA-1',
      reason: 'main was pushed',
      isDryRun: false,
      noLockReason: null,
      pullRequests: [
        { repo: 'acme/A', pullRequest: pull('acme/A').pullRequest, result: { kind: 'failed', failure: failureOf() } },
        { repo: 'acme/C', pullRequest: pull('acme/C').pullRequest, result: { kind: 'invalidated' } },
      ],
      unreadable: [{ repo: 'acme/B', failure }],
      earlierHeads: { locked: [], failures: [] },
    })
  })

  test('the earlier heads of each branch are locked, in the repositories where it has a pull request', async () => {
    const github = new OpenPullRequests({
      'acme/A': read(pull('acme/A'), pull('acme/A', { headRef: 'DPTA-2', number: 2, headSha: sha('b') })),
      'acme/B': read(pull('acme/B')),
    })
    github.earlierStatuses = [{ headSha: sha('1'), status: success }]
    const { earlierHeads } = await invalidate(github, graph, { ...request, branch: null })
    expect(github.earlier).toEqual([
      { branch: 'DPTA-1', repositories: ['acme/A', 'acme/B'] },
      { branch: 'DPTA-2', repositories: ['acme/A'] },
    ])
    expect(earlierHeads.locked).toEqual([
      { repo: 'acme/A', headSha: sha('1') },
      { repo: 'acme/B', headSha: sha('1') },
      { repo: 'acme/A', headSha: sha('1') },
    ])
    expect(github.posts.at(-1)?.description).toBe(`inv:${id} main was pushed`)
  })

  test('what the earlier heads of a branch could not tell is returned', async () => {
    const github = new OpenPullRequests({ 'acme/A': read(pull('acme/A')) })
    github.earlierFailure = failureOf()
    const { earlierHeads } = await invalidate(github, graph, request)
    expect(earlierHeads).toEqual({ locked: [], failures: [failureOf()] })
  })
})
