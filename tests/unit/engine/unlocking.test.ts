import { describe, expect, test } from 'vitest'
import type { StatusPost } from '../../../src/ports/host/statuses.js'
import { TestClock } from '../../support/test-clock.js'
import { failureOf, graphOf, minute, pullRequestOf, readingOf, sha, startDrive } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

/** Drives A, B and C, each with the branch and a pull request; `during` runs during the builds. */
async function drive(
  prepare: (github: ScriptedGitHub) => void,
  during: (github: ScriptedGitHub) => void = () => undefined,
) {
  const clock = new TestClock()
  const graph = graphOf({ A: [], B: [], C: [] })
  const github = new ScriptedGitHub(
    clock,
    graph.jobs.map(({ repo }) => readingOf(repo)),
  )
  prepare(github)
  const { run } = startDrive(github, clock, graph)
  void clock.sleep(30_000).then(() => {
    during(github)
  })
  const { ending } = await clock.until(run.finished)
  return { github, clock, outcome: ending?.outcome, reason: ending?.reason ?? '', auth: ending?.auth }
}

const nothing = (): void => undefined
const isSuccess = ({ state }: StatusPost): boolean => state === 'success'

describe('before success', () => {
  test('a head that moved before success causes error on every head', async () => {
    const { outcome, reason, github } = await drive(nothing, (it) => {
      it.change('acme/B', { headSha: sha('b'), pullRequests: [pullRequestOf('acme/B', { headSha: sha('b') })] })
    })
    expect(outcome).toBe('superseded')
    expect(reason).toContain('acme/B moved from a000000 to b000000')
    expect(github.writesOf('success')).toEqual([])
    expect(github.writesOf('error')).toEqual(['acme/A', 'acme/B', 'acme/C'])
  })

  test('a merge together with a move before success ends partially-merged and is reported', async () => {
    const { outcome, reason, github } = await drive(
      (it) => (it.hooks.readPullRequest = () => ({ number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' })),
      (it) => {
        it.change('acme/A', { pullRequests: [] })
        it.change('acme/B', { pullRequests: [pullRequestOf('acme/B'), pullRequestOf('acme/B', { number: 2 })] })
      },
    )
    expect(outcome).toBe('partially-merged')
    expect(reason).toMatch(/^acme\/A#1 was merged, but the rest of the change moved: acme\/B#2 was opened/u)
    expect(github.writesOf('success')).toEqual([])
  })

  test('a merge at the tested commit before success does not prevent the success of the others', async () => {
    const { outcome, github } = await drive(
      (it) => (it.hooks.readPullRequest = () => ({ number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' })),
      (it) => {
        it.change('acme/A', { pullRequests: [], headSha: null })
      },
    )
    expect(outcome).toBe('succeeded')
    expect(github.writesOf('success')).toEqual(['acme/B', 'acme/C'])
  })

  test('a head with several pull requests gets success until the last of them is merged', async () => {
    const two = [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })]
    const { outcome, github } = await drive(
      (it) => {
        it.change('acme/A', { pullRequests: two })
        it.hooks.readPullRequest = () => ({ number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' })
      },
      (it) => {
        it.change('acme/A', { pullRequests: two.slice(1) })
      },
    )
    expect(outcome).toBe('succeeded')
    expect(github.writesOf('success')).toEqual(['acme/A', 'acme/B', 'acme/C'])
  })

  test('an invalidation before success is not overwritten', async () => {
    const { outcome, reason, github } = await drive(nothing, (it) => {
      it.addStatus('acme/B', 'pending', 'inv:abcdef12 somebody pushed')
    })
    expect(outcome).toBe('superseded')
    expect(reason).toContain('acme/B was invalidated (inv:abcdef12)')
    expect(github.shown('acme/B')).toBe('pending inv:abcdef12 somebody pushed')
    expect(github.writesOf('error')).toEqual(['acme/A', 'acme/C'])
  })

  test('a change whose branch and pull request disagree is read again for at most ten minutes', async () => {
    const disagree = (it: ScriptedGitHub): void => {
      it.change('acme/B', { pullRequests: [pullRequestOf('acme/B', { headSha: sha('0') })] })
    }
    const forAWhile = await drive(nothing, (it) => {
      disagree(it)
      void it.clock.sleep(2 * minute).then(() => {
        it.change('acme/B', { pullRequests: [pullRequestOf('acme/B')] })
      })
    })
    expect(forAWhile.outcome).toBe('succeeded')
    const forEver = await drive(nothing, disagree)
    expect(forEver.outcome).toBe('unknown')
    expect(forEver.github.writesOf('success')).toEqual([])
  })
})

describe('while success is being posted', () => {
  test('a success that fails to post resets all others to pending', async () => {
    const { outcome, reason, github } = await drive((it) => {
      it.hooks.postStatus = (post) =>
        isSuccess(post) && post.repo === 'acme/B'
          ? Promise.resolve({ kind: 'failed', failure: failureOf({ kind: 'forbidden', message: 'no leave' }) })
          : undefined
    })
    expect(outcome).toBe('unknown')
    expect(reason).toContain('success could not be posted on acme/B')
    for (const repo of ['acme/A', 'acme/B', 'acme/C']) expect(github.shown(repo)).toMatch(/^pending run:\S+ revoked: /u)
  })

  test('a success that GitHub accepted is reset to pending although its answer was lost', async () => {
    const { github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (!isSuccess(post) || post.repo !== 'acme/C') return undefined
        it.addStatus(post.repo, post.state, post.description)
        return Promise.resolve({ kind: 'failed', failure: failureOf() })
      }
    })
    expect(github.shown('acme/C')).toMatch(/^pending .*revoked:/u)
  })

  test('a head that cannot be unlocked prevents the success of the heads that still wait', async () => {
    const { outcome, github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (!isSuccess(post) || post.repo !== 'acme/A') return undefined
        return it.clock.sleep(500).then(() => ({ kind: 'failed', failure: failureOf() }))
      }
      // The limiter releases the others later.
      it.hooks.beforePost = (repo) => (repo === 'acme/A' ? undefined : it.clock.sleep(5_000))
    })
    expect(outcome).toBe('unknown')
    expect(new Set(github.writesOf('success'))).toEqual(new Set(['acme/A']))
  })

  test('a success that fails for a while is posted again after another reading, and the change is unlocked', async () => {
    const { outcome, github } = await drive((it) => {
      let failures = 5
      it.hooks.postStatus = (post) => {
        if (!isSuccess(post) || post.repo !== 'acme/B' || failures === 0) return undefined
        failures -= 1
        return Promise.resolve({ kind: 'failed', failure: failureOf() })
      }
    })
    expect(outcome).toBe('succeeded')
    expect(github.writesOf('success').filter((repo) => repo === 'acme/B')).toHaveLength(6)
    for (const repo of ['acme/A', 'acme/B', 'acme/C']) expect(github.shown(repo)).toMatch(/^success/u)
  })

  test('a success is posted again no earlier than GitHub asks for', async () => {
    const times: number[] = []
    await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (!isSuccess(post) || post.repo !== 'acme/B') return undefined
        times.push(it.clock.now())
        if (times.length > 1) return undefined
        return Promise.resolve({ kind: 'failed', failure: failureOf(), retryAfterMs: 120_000 })
      }
    })
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(120_000)
  })

  test('a success that is given up ends partially-merged if a pull request was merged meanwhile, and names both parts', async () => {
    const { outcome, reason, auth, github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (!isSuccess(post) || post.repo !== 'acme/B') return undefined
        it.hooks.readPullRequest = () => ({ number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' })
        it.change('acme/A', { pullRequests: [] })
        return Promise.resolve({ kind: 'failed', failure: failureOf({ kind: 'forbidden', message: 'no leave' }) })
      }
    })
    expect({ outcome, auth }).toEqual({ outcome: 'partially-merged', auth: false })
    expect(reason).toContain('acme/A#1 was merged, but the rest is locked')
    expect(reason).toContain('not merged: acme/B#1, acme/C#1')
    expect(github.shown('acme/C')).toMatch(/^pending run:\S+ revoked: /u)
  })

  test('a status of another writer between the successes is kept, and the other successes are reset to pending', async () => {
    const { outcome, github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (isSuccess(post) && post.repo === 'acme/A') it.addStatus('acme/C', 'pending', 'inv:abcdef12 pushed')
        return undefined
      }
    })
    expect(outcome).toBe('superseded')
    expect(github.shown('acme/A')).toMatch(/^pending .*revoked:/u)
    expect(github.shown('acme/B')).toMatch(/^pending .*revoked:/u)
    const [newest, ...older] = github.statuses.get('acme/C') ?? []
    expect([newest, ...older].filter((status) => status?.description.startsWith('inv:'))).toHaveLength(1)
    expect(newest?.state).toBe('pending')
  })
})

describe('after success', () => {
  test.each<[string, (github: ScriptedGitHub) => void]>([
    [
      'a head that moved',
      (it) => {
        it.change('acme/B', { headSha: sha('b') })
      },
    ],
    [
      'a status of another writer',
      (it) => {
        it.addStatus('acme/B', 'pending', 'inv:abcdef12 pushed')
      },
    ],
    [
      'a branch that is gone',
      (it) => {
        it.change('acme/B', { headSha: null })
      },
    ],
  ])('%s after success resets every success to pending', async (_, disturb) => {
    const { outcome, github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (isSuccess(post) && post.repo === 'acme/C')
          void it.clock.sleep(11).then(() => {
            disturb(it)
          })
        return undefined
      }
    })
    expect(outcome).toBe('superseded')
    expect(github.writesOf('success')).toEqual(['acme/A', 'acme/B', 'acme/C'])
    for (const repo of ['acme/A', 'acme/B', 'acme/C']) expect(github.shown(repo)).toMatch(/^pending /u)
  })
})

describe('a set that cannot be merged as a set', () => {
  const draft = { pullRequests: [pullRequestOf('acme/B', { isDraft: true })] }
  const unknown = { pullRequests: [pullRequestOf('acme/B', { mergeability: 'unknown' })] }
  const textOf = (github: ScriptedGitHub): string => github.statuses.get('acme/A')?.[0]?.description ?? ''

  test('a draft keeps every head pending and says what they wait for', async () => {
    const { outcome, reason, github } = await drive(nothing, (it) => it.change('acme/B', draft))
    expect(outcome).toBe('held')
    expect(reason).toBe('every build succeeded, but no pull request is unlocked: acme/B#1 is a draft')
    expect(github.writesOf('success')).toEqual([])
    expect(github.writesOf('error')).toEqual([])
    expect(textOf(github)).toMatch(/^run:\S+ tested; waits for B#1: draft$/u)
  })

  test('a mergeability that becomes known within a minute is waited for', async () => {
    const { outcome, github } = await drive(nothing, (it) => {
      it.change('acme/B', unknown)
      void it.clock.sleep(75_000).then(() => it.change('acme/B', { pullRequests: [pullRequestOf('acme/B')] }))
    })
    expect(outcome).toBe('succeeded')
    expect(github.writesOf('success')).toHaveLength(3)
  })

  test('the minute for a mergeability starts with the first reading that does not know it', async () => {
    const { outcome, reason, github } = await drive(nothing, (it) => it.change('acme/B', unknown))
    expect(outcome).toBe('held')
    expect(reason).toContain('GitHub has not computed whether acme/B#1 can be merged')
    const times = github.writes.flatMap((write) => (write.includes('pending') ? [Number.parseInt(write, 10)] : []))
    const last = Math.max(...times)
    // The builds end after a minute, and the last reading comes a minute later.
    expect(last).toBeGreaterThanOrEqual(120)
    expect(last).toBeLessThan(135)
  })

  test('a draft that is found after success locks every head again', async () => {
    const { outcome, github } = await drive((it) => {
      it.hooks.postStatus = (post) => {
        if (isSuccess(post)) it.change('acme/B', draft)
        return undefined
      }
    })
    expect(outcome).toBe('held')
    expect(textOf(github)).toMatch(/tested; waits for B#1: draft$/u)
  })
})
