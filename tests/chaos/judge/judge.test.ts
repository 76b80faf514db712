import { describe, expect, test } from 'vitest'
import type { Evidence, Exchange, SeenRun, SeenStatus } from '../evidence.js'
import { judge } from './judge.js'

const id = '01ke6js9g8a0yg6x'
const other = '01ke6zzzzzzzzzzz'
const first = { repoB: 'b'.repeat(40), repoD: 'd'.repeat(40) }
const moved = 'e'.repeat(40)

type Repo = keyof typeof first
const repos: readonly Repo[] = ['repoB', 'repoD']

function run(repo: Repo, changed: Partial<SeenRun> = {}): SeenRun {
  return {
    id: repo === 'repoB' ? 11 : 12,
    line: 'first',
    repo,
    headSha: first[repo],
    title: 'build',
    createdAt: 20,
    completedAt: 50,
    conclusion: 'success',
    isCancelAsked: false,
    ...changed,
  }
}

function status(number: number, at: number, repo: Repo, description: string, state = 'pending'): SeenStatus {
  return { id: number, at, repo, sha: first[repo], state, description }
}

function asked(method: string, path: string, at: number, changed: Partial<Exchange> = {}): Exchange {
  return {
    line: 'first',
    method,
    path,
    arrivedAt: at,
    answeredAt: at + 1,
    status: 200,
    mark: null,
    asked: [],
    completedRuns: [],
    ...changed,
  }
}

/** The reading of a whole change that begins at a moment and ends within 5 ms. */
function reading(at: number): Exchange[] {
  return repos.flatMap((repo) => [
    asked('GET', `/repos/acme/${repo}/git/ref/heads/DPTA-1122`, at),
    asked('GET', `/repos/acme/${repo}/commits/${first[repo]}/statuses`, at + 3),
  ])
}

/** Two members, built at 50, read at 60, posted at 70, read again at 80, ended at 90. */
function right(changed: Partial<Evidence> = {}): Evidence {
  const success = `run:${id} set:aaaaaaaaaaaa ok`
  return {
    graph: repos.map((job) => ({ job, needs: [] })),
    heads: repos.map((repo) => ({ at: 0, repo, sha: first[repo] })),
    pulls: [...repos],
    statuses: [
      status(1, 10, 'repoB', `run:${id} building`),
      status(2, 10, 'repoD', `run:${id} building`),
      status(3, 70, 'repoB', success, 'success'),
      status(4, 70, 'repoD', success, 'success'),
    ],
    runs: repos.map((repo) => run(repo)),
    lines: [
      {
        name: 'first',
        event: null,
        processes: [{ command: 'run', endedAt: 90, code: 0, isHung: false, output: 'succeeded' }],
      },
    ],
    exchanges: [
      asked('POST', `/repos/acme/repoB/statuses/${first.repoB}`, 10, { mark: id, status: 201 }),
      asked('GET', '/repos/acme/repoB/actions/runs/11', 55, { completedRuns: [11] }),
      asked('GET', '/repos/acme/repoD/actions/runs/12', 55, { completedRuns: [12] }),
      ...reading(60),
      ...reading(80),
    ],
    stalestMs: 0,
    ...changed,
  }
}

/** The exit code and output of the only line. */
function ended(code: number | null, output = '', isHung = false): Pick<Evidence, 'lines'> {
  return { lines: [{ name: 'first', event: null, processes: [{ command: 'run', endedAt: 90, code, isHung, output }] }] }
}

const whats = (evidence: Evidence): string[] => judge(evidence).map(({ wrong, what }) => `${wrong}: ${what}`)

test('an orchestration without a fault has no findings', () => {
  expect(judge(right())).toEqual([])
})

describe('a double dispatch', () => {
  test('a double dispatch is a second run of one repository by one line', () => {
    const runs = [...right().runs, run('repoB', { id: 13, createdAt: 30 })]
    expect(whats(right({ runs }))).toContain('double dispatch: first dispatched repoB 2 times: 11, 13')
  })

  test('a double dispatch is a marker that two runs carry, of any lines', () => {
    const title = 'build [orch:0123456789abcdef.repoB.1.0123456789ab]'
    const runs = [run('repoB', { title }), run('repoD'), run('repoB', { id: 13, title, line: 'elsewhere-1' })]
    expect(whats(right({ runs }))).toContain(
      'double dispatch: 2 runs carry the marker 0123456789abcdef.repoB.1.0123456789ab: 11, 13',
    )
  })

  test('a double dispatch is a next attempt beside one that is running or has succeeded, but not after one that failed', () => {
    const title = (attempt: number): string => `build [orch:0123456789abcdef.repoB.${attempt}.0123456789ab]`
    const next = run('repoB', { id: 13, title: title(2), line: 'elsewhere-1', createdAt: 60 })
    const after = (before: Partial<SeenRun>): Evidence =>
      right({ runs: [run('repoB', { title: title(1), ...before }), run('repoD'), next] })
    const what = /double dispatch: run 13 .* although run 11 had not ended without success/u
    expect(whats(after({ conclusion: 'success' })).join()).toMatch(what)
    expect(whats(after({ conclusion: 'failure', completedAt: 61 })).join()).toMatch(what)
    expect(whats(after({ conclusion: 'failure', completedAt: 59 })).join()).not.toContain('double dispatch')
  })

  test('a run of another orchestration is not a double dispatch', () => {
    const runs = [...right().runs, run('repoB', { id: 13, line: 'second-1' })]
    expect(judge(right({ runs }))).toEqual([])
  })
})

describe('a lost run', () => {
  const forgotten = { runs: [run('repoB'), run('repoD', { completedAt: null, conclusion: null })] }
  const statuses = right().statuses.slice(0, 2)
  const unseen = right().exchanges.filter(({ completedRuns }) => !completedRuns.includes(12))

  test('a lost run is still running, or ended unseen, after its orchestration ended without naming it', () => {
    const what = (of: string): string => `lost run: run 12 of repoD, dispatched by first, is ${of} and nobody says so`
    const evidence = { ...ended(1, 'unknown'), statuses, exchanges: unseen }
    expect(whats(right({ ...evidence, ...forgotten }))).toEqual([what('going on')])
    expect(whats(right(evidence))).toEqual([what('success')])
  })

  test('a run that is named, was cancelled, or whose process was killed is not lost', () => {
    const evidence = { ...forgotten, statuses, exchanges: unseen }
    const link = '2026-01-05T08:00:00Z repoD  left running  http://127.0.0.1/acme/repoD/actions/runs/12'
    const search = '2026-01-05T08:00:00Z repoD      unknown after 2m  no run appeared'
    const runs = [run('repoB'), run('repoD', { isCancelAsked: true })]
    expect(judge(right({ ...evidence, ...ended(1, link) }))).toEqual([])
    expect(judge(right({ ...evidence, ...ended(1, search) }))).toEqual([])
    expect(judge(right({ ...evidence, ...ended(1), runs }))).toEqual([])
    expect(judge(right({ ...evidence, ...ended(null) }))).toEqual([])
  })
})

describe('a wrong success', () => {
  test('a success without a successful build of every member is wrong', () => {
    for (const changed of [{ conclusion: 'failure' }, { headSha: moved }, { completedAt: 71 }]) {
      const runs = [run('repoB'), run('repoD', changed)]
      expect(whats(right({ runs }))).toContain(
        'wrong success: first posted success on repoB although repoD was not built successfully at the head that was last read',
      )
    }
  })

  test('a success whose change was not read again after the last build is wrong', () => {
    const late = [run('repoB'), run('repoD', { completedAt: 62 })]
    expect(whats(right({ runs: late })).join()).toContain(
      'repoB without reading the branch of repoB after the last build',
    )
    const early = right().exchanges.map((each) =>
      each.path.endsWith('/statuses') && each.arrivedAt < 70 ? { ...each, arrivedAt: 45 } : each,
    )
    expect(whats(right({ exchanges: early }))).toEqual(
      repos.map(
        (repo) => `wrong success: first posted success on ${repo} without reading its statuses after the last build`,
      ),
    )
  })

  test('a success may rely on a query for the whole change, but is wrong without a listing of the statuses before the end', () => {
    const query = (at: number): Exchange => asked('POST', '/graphql', at, { asked: [...repos] })
    const before = right().exchanges.slice(0, 3)
    const listings = right().exchanges.slice(-4)
    expect(judge(right({ exchanges: [...before, query(60), query(80), ...listings] }))).toEqual([])
    expect(whats(right({ exchanges: [...before, query(60), query(80)] }))).toEqual(
      repos.map(
        (repo) => `wrong success: first ended with 0 without reading the statuses of ${repo} after its success`,
      ),
    )
  })

  test('a success without a build of a member that has no pull request is wrong', () => {
    const heads = [...right().heads, { at: 0, repo: 'repoE', sha: moved }]
    expect(whats(right({ heads })).join()).toContain('without reading the branch of repoE')
  })

  test('a success on a head that had moved before it was last read is wrong', () => {
    const heads = [...right().heads, { at: 40, repo: 'repoB', sha: moved }]
    expect(whats(right({ heads }))).toContain(
      'wrong success: first posted success on repoB, whose head had moved before it was last read',
    )
  })

  test('a success that stays although the last reading came after the move is wrong, unless the reading may be stale', () => {
    const heads = [...right().heads, { at: 65, repo: 'repoB', sha: moved }]
    const what = 'wrong success: first ended with 0 although repoB had moved before its closing reading'
    expect(whats(right({ heads }))).toEqual([what])
    expect(judge(right({ heads, stalestMs: 20 }))).toEqual([])
    expect(judge(right({ heads: [...right().heads, { at: 85, repo: 'repoB', sha: moved }] }))).toEqual([])
  })

  test('a success that was never read again, or never posted, is wrong', () => {
    const exchanges = right().exchanges.slice(0, -4)
    expect(whats(right({ exchanges })).join()).toContain(
      'ended with 0 without reading the branch of repoB after its success',
    )
    expect(whats(right({ statuses: right().statuses.slice(0, 3) })).join()).toContain(
      'first ended with 0 without success on repoD',
    )
  })

  test('a success over an invalidation that was readable before the post or before the end is wrong', () => {
    const [claimB, claimD, successB, successD] = right().statuses as [SeenStatus, SeenStatus, SeenStatus, SeenStatus]
    const inv = (number: number, at: number): SeenStatus => status(number, at, 'repoB', `inv:${other} pushed`)
    const later = (by: SeenStatus): SeenStatus => ({ ...by, id: by.id + 10 })
    const before = right({ statuses: [claimB, claimD, inv(5, 40), later(successB), later(successD)] })
    expect(whats(before)).toContain(`wrong success: first posted success on repoB over "inv:${other} pushed"`)
    const after = right({ statuses: [claimB, claimD, successB, successD, inv(5, 75)] })
    expect(whats(after)).toEqual([`wrong success: first ended with 0 over "inv:${other} pushed" on repoB`])
    expect(judge(right({ statuses: [claimB, claimD, successB, successD, inv(5, 85)] }))).toEqual([])
  })

  test('a success without a claim is wrong', () => {
    expect(whats(right({ statuses: right().statuses.slice(1) })).join()).toContain(
      'success on repoB without its pending',
    )
  })

  test('a success that an orchestration leaves behind without reporting it when it does not succeed is wrong', () => {
    const what = 'wrong success: first ended with 1 and left its success on repoB'
    const statuses = right().statuses.slice(0, 3)
    const named = `superseded  repoB@${first.repoB.slice(0, 7)} may be unlocked: run orch invalidate DPTA-1122`
    expect(whats(right({ ...ended(1), statuses }))).toEqual([what])
    expect(judge(right({ ...ended(1, named), statuses }))).toEqual([])
    const revoked = [...statuses, status(5, 75, 'repoB', `run:${id} revoked: `)]
    expect(judge(right({ ...ended(1), statuses: revoked }))).toEqual([])
  })

  test('a second success for another set is wrong', () => {
    const strange = { ...status(5, 95, 'repoD', `run:${other} set:bbbbbbbbbbbb ok`, 'success') }
    expect(whats(right({ statuses: [...right().statuses, strange] }))).toContain(
      'wrong success: there were successes for different sets at the end: aaaaaaaaaaaa, bbbbbbbbbbbb',
    )
  })
})

test('a hang is a process that was killed because it did not end', () => {
  expect(whats(right({ ...ended(null, '', true), statuses: right().statuses.slice(0, 2) }))).toEqual([
    'hang: orch run of first did not end',
  ])
})
