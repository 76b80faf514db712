import { describe, expect, test } from 'vitest'
import { knownHeads, lockEarlierHeads } from '../../../../src/engine/build/verify/lock-earlier-heads.js'
import type { EarlierHeadsOf } from '../../../../src/engine/build/verify/lock-earlier-heads.js'
import type { EarlierStatus } from '../../../../src/model/change.js'
import type { Read } from '../../../../src/ports/host/read.js'
import type { PostResult, StatusPost } from '../../../../src/ports/host/statuses.js'
import type { WriteOptions } from '../../../../src/ports/host/write-options.js'
import { TestClock } from '../../../support/test-clock.js'
import { failureOf, sha, statusOf } from '../fixtures.js'
import { ScriptedGitHub } from '../scripted-github.js'

class EarlierHeads extends ScriptedGitHub {
  readonly posts: StatusPost[] = []
  readonly tries: (number | undefined)[] = []
  readonly asked: string[] = []
  statusesOf: Readonly<Record<string, Read<EarlierStatus[]>>> = {}
  answer: PostResult | null = null

  override readEarlierStatuses({ repositories }: { repositories: readonly { repo: string }[] }) {
    this.asked.push(...repositories.map(({ repo }) => repo))
    return Promise.resolve(
      repositories.map(({ repo }) => ({ repo, read: this.statusesOf[repo] ?? { ok: true as const, value: [] } })),
    )
  }

  override async postStatus(
    post: StatusPost,
    options: WriteOptions & { maxTries?: number },
    beforeSend: () => Promise<boolean>,
  ): Promise<PostResult> {
    if (!(await beforeSend())) return { kind: 'withheld' }
    this.posts.push(post)
    this.tries.push(options.maxTries)
    return this.answer ?? { kind: 'posted', status: statusOf({ id: this.posts.length }) }
  }
}

const at = (
  letter: string,
  description = 'run:before0001 set:000000000000 ok',
  state: 'success' | 'pending' = 'success',
) => ({
  headSha: sha(letter),
  status: statusOf({ state, description }),
})

async function lock(github: EarlierHeads, ...repositories: EarlierHeadsOf[]) {
  const description = 'run:run0000001 an earlier commit'
  const query = {
    branch: 'DPTA-1',
    statusContext: 'orchestrator-build',
    repositories,
    description,
    link: 'https://ci.test/1',
  }
  return lockEarlierHeads(github, query)
}

const setUp = (): EarlierHeads => new EarlierHeads(new TestClock(), [])

describe('earlier heads', () => {
  test('every success of ours on an earlier head is reset to pending, and nothing else', async () => {
    const github = setUp()
    const statuses = [
      at('1'),
      at('2', 'by hand'),
      at('3', 'run:before0001 building', 'pending'),
      at('4', 'inv:before0001 x'),
    ]
    github.statusesOf = { 'acme/A': { ok: true, value: statuses } }
    const result = await lock(github, { repo: 'acme/A', known: [] })
    expect(result).toEqual({
      locked: [
        { repo: 'acme/A', headSha: sha('1') },
        { repo: 'acme/A', headSha: sha('4') },
      ],
      failures: [],
    })
    expect(github.posts[0]).toEqual({
      repo: 'acme/A',
      headSha: sha('1'),
      context: 'orchestrator-build',
      state: 'pending',
      description: 'run:run0000001 an earlier commit',
      targetUrl: 'https://ci.test/1',
    })
    expect(github.tries).toEqual([7, 7])
  })

  test('heads that planning has read are not read again, unless one that a journal knows is missing', async () => {
    const github = setUp()
    await lock(
      github,
      { repo: 'acme/A', known: [sha('1')], successes: [sha('1'), sha('2')] },
      { repo: 'acme/B', known: [sha('1')], successes: [sha('2')] },
      { repo: 'acme/C', known: [] },
    )
    expect(github.asked).toEqual(['acme/B', 'acme/C'])
    expect(github.posts.map(({ repo, headSha }) => `${repo} ${headSha.slice(0, 1)}`)).toEqual(['acme/A 1', 'acme/A 2'])
  })

  test('nothing is read where planning has read everything', async () => {
    const github = setUp()
    github.readEarlierStatuses = () => Promise.reject(new Error('nothing has to be read'))
    expect(await lock(github, { repo: 'acme/A', known: [], successes: [] })).toEqual({ locked: [], failures: [] })
  })

  test('what could not be read or locked is returned', async () => {
    const github = setUp()
    const unreadable = failureOf({ message: 'GitHub answered 500' })
    const refused = failureOf({ message: 'GitHub answered 403' })
    github.statusesOf = { 'acme/B': { ok: false, failure: unreadable } }
    github.answer = { kind: 'failed', failure: refused } as PostResult
    const result = await lock(
      github,
      { repo: 'acme/A', known: [], successes: [sha('1')] },
      { repo: 'acme/B', known: [] },
    )
    expect(result).toEqual({ locked: [], failures: [unreadable, refused] })
  })

  test('the heads of one repository are found among those of all, whatever the case of its name', () => {
    const heads = [
      { repo: 'Acme/A', headSha: sha('1') },
      { repo: 'acme/B', headSha: sha('2') },
      { repo: 'acme/a', headSha: sha('3') },
    ]
    expect(knownHeads(heads, 'acme/A')).toEqual([sha('1'), sha('3')])
  })
})
