import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences } from '../../support/kill-points/differences.js'
import { ExampleWorld, branch, names } from '../../support/kill-points/example-world.js'
import type { WorldOptions } from '../../support/kill-points/example-world.js'
import { JournalDisk } from '../../support/kill-points/journal-disk.js'
import { killedAt, killedOn, recordPoints, runWith } from '../../support/kill-points/kill-points.js'
import type { Outcome, PointClass, PointEquivalence } from '../../support/kill-points/kill-points.js'
import { connect, planExample, readPlan } from '../../support/kill-points/killed-run.js'
import type { Moment, ProcessFaults } from '../../support/kill-points/mortal-process.js'
import { isExhaustive } from '../../support/exhaustive.js'
import { sampleName, sampleOf, testTimeoutMs } from '../../support/kill-points/sample.js'
import { seededRandom } from '../../support/random.js'

const hours = 3_600_000

const whole: WorldOptions = { marked: true, members: names }
const withoutMarker: WorldOptions = { marked: false, members: names }
const partial: WorldOptions = { marked: true, members: ['repoB', 'repoE'] }
const failing: WorldOptions = { marked: true, members: ['repoA', 'repoB', 'repoC', 'repoE'], failing: 'repoC' }

let disk: JournalDisk

beforeAll(async () => {
  disk = await JournalDisk.open()
})

afterAll(async () => {
  await disk[Symbol.asyncDispose]()
})

interface Trial {
  baseline: Outcome
  points: number
  /** `<kill point>: <problem>`. */
  wrong: string[]
  /** The kill points after which the dispatch of a job can never be resolved, by job. */
  unknownDispatches: Record<string, string[]>
}

/** A kill around a dispatch is tried in each run, because only there may the end differ from the one of an undisturbed process. */
function isAtDispatch({ names: points }: PointClass): boolean {
  return points.some((name) => name.includes('dispatch'))
}

/** Kills one run at every point of the sample, and resumes it in another process after this many ms. */
async function killAtSample(
  options: WorldOptions,
  {
    away = 0,
    equivalence = 'at the same time',
    before = [],
  }: { away?: number; equivalence?: PointEquivalence; before?: ProcessFaults[] } = {},
): Promise<Trial> {
  const example = await planExample(options)
  const recorded = await recordPoints(example, disk, isExhaustive ? 'never' : equivalence, before)
  const { baseline, classes, count } = recorded
  const trial: Trial = { baseline, points: count, wrong: [], unknownDispatches: {} }
  for (const { point, names } of sampleOf(classes, isAtDispatch)) {
    const run = await runWith(example, disk, [...before, killedAt(point)], { away })
    trial.wrong.push(...differences(run, baseline).map((difference) => `${names.join(' = ')}: ${difference}`))
    if (run.outcome !== baseline.outcome) (trial.unknownDispatches[run.unsent.join(', ')] ??= []).push(...names)
  }
  return trial
}

test('a process that is killed during planning leaves nothing behind, because planning only reads', async () => {
  await using world = await ExampleWorld.open(whole)
  const github = connect(world, world.clock, (input, init) => world.sandbox.fetch(input, init))
  await world.clock.until(readPlan(github))
  const asked = world.sandbox.requests.map(({ method, path }) => `${method} ${path}`)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((request) => !request.startsWith('GET ') && !request.endsWith('/graphql'))).toEqual([])
})

describe('kill at any point, immediate resume', () => {
  test(
    `a process killed at any point and resumed at once ends as one process does, except that journaled but unsent dispatches end unknown (${sampleName})`,
    async () => {
      const { baseline, points, wrong, unknownDispatches } = await killAtSample(whole)
      expect(baseline.outcome).toBe('succeeded')
      expect(baseline.side.runs.map((run) => run.replace(/ \w+ /u, ' '))).toEqual(
        names.map((name) => `${name} success`),
      )
      expect(points).toBeGreaterThan(250)
      expect(wrong).toEqual([])
      expect(unknownDispatches).toEqual({
        repoA: ['after the write of dispatch-requested repoA', 'before the request POST repoA/dispatches'],
        repoB: [
          'after the write of dispatch-requested repoB',
          'before the write of dispatch-requested repoC',
          'in the middle of the write of dispatch-requested repoC',
        ],
        'repoB, repoC': ['after the write of dispatch-requested repoC', 'before the request POST repoB/dispatches'],
        repoC: [
          'before the write of dispatch-requested repoD',
          'in the middle of the write of dispatch-requested repoD',
        ],
        'repoC, repoD': ['after the write of dispatch-requested repoD', 'before the request POST repoC/dispatches'],
        repoD: ['before the request POST repoD/dispatches'],
        repoE: ['after the write of dispatch-requested repoE', 'before the request POST repoE/dispatches'],
      })
    },
    testTimeoutMs,
  )

  test(
    `a change that some repositories do not have ends the same after a kill at any point and a resume (${sampleName})`,
    async () => {
      const { baseline, wrong, unknownDispatches } = await killAtSample(partial, { equivalence: 'whenever' })
      expect(baseline.outcome).toBe('succeeded')
      expect(baseline.side.runs).toHaveLength(2)
      expect(wrong).toEqual([])
      expect(Object.keys(unknownDispatches)).toEqual(['repoB', 'repoE'])
    },
    testTimeoutMs,
  )

  test(
    `a change with one failed and one cancelled build ends the same after a kill at any point and a resume (${sampleName})`,
    async () => {
      const { baseline, wrong, unknownDispatches } = await killAtSample(failing)
      expect(baseline.outcome).toBe('failed')
      expect(baseline.cancelled).toEqual(['repoB'])
      expect(baseline.side.runs).toHaveLength(3)
      expect(wrong).toEqual([])
      // When the dispatch of repoB is unresolved, the failure of repoC decides.
      expect(Object.keys(unknownDispatches)).toEqual(['repoA', 'repoB, repoC', 'repoC'])
    },
    testTimeoutMs,
  )
})

test(
  `a resume five hours after the kill finds the builds ended and keeps their results, even without the marker (${sampleName})`,
  async () => {
    const { baseline, wrong, unknownDispatches } = await killAtSample(withoutMarker, {
      away: 5 * hours,
      equivalence: 'whenever',
    })
    expect(baseline.outcome).toBe('succeeded')
    expect(wrong).toEqual([])
    expect(Object.keys(unknownDispatches)).toEqual([
      'repoA',
      'repoB',
      'repoB, repoC',
      'repoC',
      'repoC, repoD',
      'repoD',
      'repoE',
    ])
  },
  testTimeoutMs,
)

test(
  `a resume after a head has moved unlocks nothing and locks what was unlocked, wherever the process was killed (${sampleName})`,
  async () => {
    const example = await planExample(partial)
    const { classes } = await recordPoints(example, disk, isExhaustive ? 'never' : 'whenever')
    const wrong: string[] = []
    let count = 0
    // A process that was killed after the last event had nothing left to do.
    const last = classes.at(-1)
    const tried = sampleOf(classes, (each) => each === last)
    for (const { point, names } of tried) {
      const run = await runWith(example, disk, [killedAt(point)], {
        afterKill: ({ sandbox }) => sandbox.admin.commit('acme/repoB', branch, { 'more.txt': 'more\n' }),
      })
      if (run.lives.at(-1)?.requests.length === 0) continue
      count += 1
      const builds = run.side.runs.map((each) => each.split(' ')[0])
      if (new Set(builds).size < builds.length) wrong.push(`${names.join(' = ')}: built were ${builds.join(', ')}`)
      const resumedAt = run.events.findIndex(({ type }) => type === 'resumed')
      const posted = run.events.slice(resumedAt + 1).filter((event) => event.type === 'status-requested')
      if (posted.some(({ state }) => state === 'success')) wrong.push(`${names.join(' = ')}: success was posted`)
      const isGreen = run.side.statuses.some((status) => status.endsWith(' success'))
      if (run.outcome === 'succeeded' || isGreen) {
        wrong.push(`${names.join(' = ')}: it ended ${run.outcome} with ${run.side.statuses.join(', ')}`)
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBe(tried.length - 1)
  },
  testTimeoutMs,
)

describe('kill of the resuming process', () => {
  test(
    `a resuming process that is killed at any point after the first build leaves a state that a third process can finish (${sampleName})`,
    async () => {
      const before = [killedOn({ moment: 'after the write of', label: 'job-settled repoA' })]
      const { wrong, points } = await killAtSample(whole, { before, equivalence: 'whenever' })
      expect(points).toBeGreaterThan(200)
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )

  test(
    'a resuming process that is killed at random points leaves a state that a third process can finish',
    async () => {
      const random = seededRandom(20_261_121)
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
      const moments: Moment[] = [
        'before the request',
        'after the effect of',
        'after the answer to',
        'in the middle of the write of',
        'after the write of',
      ]
      const wrong: string[] = []
      const runsOfEach = isExhaustive ? 8 : 3
      let thirds = 0
      for (const options of [whole, withoutMarker, failing]) {
        const example = await planExample(options)
        const { baseline, classes } = await recordPoints(example, disk)
        for (let count = 0; count < runsOfEach; count += 1) {
          const first = pick(classes)
          const second = { moment: pick(moments), nth: 1 + Math.floor(random() ** 2 * 60) }
          const away = pick([0, 0, 5 * hours])
          const run = await runWith(example, disk, [killedAt(first.point), killedAt(second)], { away })
          if (run.lives.length === 3) thirds += 1
          const where = `${first.names[0] ?? ''}, then ${second.moment} the ${second.nth}th, away ${away} ms`
          wrong.push(...differences(run, baseline).map((difference) => `${where}: ${difference}`))
        }
      }
      expect(wrong).toEqual([])
      expect(thirds).toBeGreaterThan(1.5 * runsOfEach)
    },
    testTimeoutMs,
  )
})
