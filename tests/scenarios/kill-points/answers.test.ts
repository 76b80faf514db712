import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences } from '../../support/kill-points/differences.js'
import { names } from '../../support/kill-points/example-world.js'
import type { WorldOptions } from '../../support/kill-points/example-world.js'
import { JournalDisk } from '../../support/kill-points/journal-disk.js'
import { killedOn, runWith } from '../../support/kill-points/kill-points.js'
import type { Outcome } from '../../support/kill-points/kill-points.js'
import { planExample } from '../../support/kill-points/killed-run.js'
import type { Example } from '../../support/kill-points/killed-run.js'
import type { ProcessFaults, RequestFault } from '../../support/kill-points/mortal-process.js'
import { isExhaustive } from '../../support/exhaustive.js'
import { sampleName, sampleOf, samplePairs, testTimeoutMs } from '../../support/kill-points/sample.js'
import { nameOf, olderServer, troubledAt, unclearAnswers } from '../../support/kill-points/unclear-answers.js'

const marked: WorldOptions = { marked: true, members: names }
const unmarked: WorldOptions = { marked: false, members: names }

let disk: JournalDisk

beforeAll(async () => {
  disk = await JournalDisk.open()
})

afterAll(async () => {
  await disk[Symbol.asyncDispose]()
})

async function undisturbed(
  options: WorldOptions,
): Promise<{ example: Example; baseline: Outcome; asked: readonly string[] }> {
  const example = await planExample(options)
  const baseline = await runWith(example, disk, [])
  return { example, baseline, asked: baseline.lives[0]?.requests ?? [] }
}

/** Runs the change with one injected fault to its end, without a kill. */
async function runThrough(example: Example, faults: ProcessFaults): Promise<Outcome> {
  const run = await runWith(example, disk, [faults])
  if (run.lives.length > 1) throw new Error('no process may be killed here')
  return run
}

describe('ambiguous dispatch', () => {
  const afterwards: RequestFault[] = [
    ...unclearAnswers.filter(({ effect }) => effect === 'after'),
    { kind: 'respond', status: 204, effect: 'after' },
  ]

  test.each([
    ['with the marker', marked],
    ['without the marker', unmarked],
  ])(
    `each of the five dispatches with an unclear answer is adopted if it took effect, and the run ends as if it had been answered, %s (${sampleName})`,
    async (_, options) => {
      const { example, baseline } = await undisturbed(options)
      const wrong: string[] = []
      for (const [name, trouble] of samplePairs(names, afterwards)) {
        const run = await runThrough(
          example,
          troubledAt(({ label }) => label === `POST ${name}/dispatches`, trouble),
        )
        wrong.push(...differences(run, baseline).map((each) => `${name}, ${nameOf(trouble)}: ${each}`))
        const adopted = run.events.flatMap((event) => (event.type === 'run-adopted' ? [event.job] : []))
        if (adopted.join() !== name) wrong.push(`${name}, ${nameOf(trouble)}: adopted were ${adopted.join()}`)
      }
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )

  test(
    `each of the five dispatches with an unclear answer ends unknown if it took no effect: it is not sent again, and nothing is unlocked (${sampleName})`,
    async () => {
      const { example, baseline } = await undisturbed(marked)
      const wrong: string[] = []
      const before = unclearAnswers.filter(({ effect }) => effect === 'before')
      for (const [name, trouble] of samplePairs(names, before)) {
        const run = await runThrough(
          example,
          troubledAt(({ label }) => label === `POST ${name}/dispatches`, trouble),
        )
        wrong.push(...differences(run, baseline).map((each) => `${name}, ${nameOf(trouble)}: ${each}`))
        expect([run.outcome, run.unsent, nameOf(trouble)]).toEqual(['unknown', [name], nameOf(trouble)])
        expect(run.lives[0]?.requests.filter((label) => label === `POST ${name}/dispatches`)).toHaveLength(1)
      }
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )
})

describe('slow dispatch', () => {
  const label = 'POST repoE/dispatches'
  const slow = (ms: number): ProcessFaults => ({ latencyOf: (asked) => (asked.label === label ? ms : null) })

  test.each([
    ['in one process', slow(60_000)],
    [
      'even if the process was killed in between',
      { ...slow(60_000), ...killedOn({ moment: 'after the write of', label: 'dispatch-ambiguous repoE' }) },
    ],
  ])(
    'a dispatch that arrives a minute late is adopted, %s',
    async (_, faults) => {
      const { example, baseline } = await undisturbed(unmarked)
      const run = await runWith(example, disk, [faults])
      expect(differences(run, baseline)).toEqual([])
      expect(run.events.filter(({ type }) => type === 'run-adopted')).toHaveLength(1)
    },
    testTimeoutMs,
  )

  test('a dispatch that arrives after it has been given up starts the only run of its job, and unlocks nothing', async () => {
    const { example } = await undisturbed(marked)
    const run = await runWith(example, disk, [slow(300_000)], { after: 400_000 })
    expect(run.outcome).toBe('unknown')
    expect(run.broken).toEqual([])
    expect(run.side.runs.map((each) => each.split(' ')[0])).toEqual(names)
    expect(run.side.statuses.every((status) => status.endsWith(' error'))).toBe(true)
  })
})

describe('server without return_run_details', () => {
  test.each([
    ['with the marker', marked],
    ['without the marker', unmarked],
  ])(
    'a server that refuses return_run_details and returns no run ID has all five runs found, %s',
    async (_, options) => {
      const { example, baseline } = await undisturbed(options)
      const run = await runThrough(example, olderServer)
      expect(differences(run, baseline)).toEqual([])
      const adopted = run.events.flatMap((event) => (event.type === 'run-adopted' ? [event.job] : []))
      expect(adopted.sort()).toEqual(names)
    },
    testTimeoutMs,
  )

  test('a dispatch without return_run_details has its run found after a kill behind the second sending, and none after a kill before it', async () => {
    const { example, baseline } = await undisturbed(unmarked)
    const label = 'POST repoA/dispatches'
    const afterBoth = killedOn({ moment: 'after the effect of', label, time: 2 })
    const found = await runWith(example, disk, [{ ...olderServer, ...afterBoth }, olderServer])
    expect(found.lives[0]?.requests.filter((asked) => asked === label)).toHaveLength(2)
    expect(differences(found, baseline)).toEqual([])
    const afterFirst = killedOn({ moment: 'after the answer to', label })
    const lost = await runWith(example, disk, [{ ...olderServer, ...afterFirst }, olderServer])
    expect([lost.outcome, lost.unsent]).toEqual(['unknown', ['repoA']])
    expect(differences(lost, baseline)).toEqual([])
  })
})

describe('ambiguous status post', () => {
  test(
    `each of the ten status posts with an unclear answer is sent again, and the run ends as if it had been answered (${sampleName})`,
    async () => {
      const { example, baseline, asked } = await undisturbed(marked)
      const posts = asked.flatMap((label, index) =>
        label.startsWith('POST') && label.includes('statuses') ? [index + 1] : [],
      )
      expect(posts).toHaveLength(10)
      const wrong: string[] = []
      for (const [post, trouble] of samplePairs(posts, unclearAnswers)) {
        const run = await runThrough(
          example,
          troubledAt(({ nth }) => nth === post, trouble),
        )
        const where = `request ${post}, ${asked[post - 1] ?? ''}, ${nameOf(trouble)}`
        wrong.push(...differences(run, baseline).map((each) => `${where}: ${each}`))
      }
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )

  test(
    `a status post that keeps failing on one head never ends in success on some heads only (${sampleName})`,
    async () => {
      const lasting: RequestFault[] = [
        { kind: 'respond', status: 502, effect: 'before' },
        { kind: 'respond', status: 502, effect: 'after' },
        { kind: 'hang', effect: 'after' },
      ]
      const { example, asked } = await undisturbed(marked)
      const posts = asked.flatMap((label, index) =>
        label.startsWith('POST') && label.includes('statuses') ? [index + 1] : [],
      )
      const wrong: string[] = []
      for (const [post, trouble] of samplePairs(posts, lasting)) {
        const run = await runThrough(
          example,
          troubledAt(({ nth, label }) => nth >= post && label === asked[post - 1], trouble),
        )
        const where = `from request ${post} on, ${asked[post - 1] ?? ''}, ${nameOf(trouble)}`
        wrong.push(...run.broken.map((each) => `${where}: ${each}`))
        if (run.outcome === 'succeeded') wrong.push(`${where}: it ended as a success`)
        const green = run.side.statuses.filter((status) => status.endsWith('success'))
        wrong.push(...green.map((status) => `${where}: ${status}`))
      }
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )
})

test(
  `each reading that fails once changes nothing (${sampleName})`,
  async () => {
    const { example, baseline, asked } = await undisturbed(marked)
    const troubles: RequestFault[] = [
      { kind: 'respond', status: 502, effect: 'before' },
      { kind: 'hang', effect: 'before' },
      { kind: 'cut', effect: 'before' },
      { kind: 'respond', status: 429, effect: 'before' },
    ]
    const wrong: string[] = []
    const readings = asked.flatMap((label, index) => {
      const isOneOfAlike = !label.includes('repoB') && !label.includes('/runs/')
      const isRead = label.startsWith('GET') && (!isOneOfAlike || isExhaustive)
      // The faults rotate over the requests, so that each kind of reading meets all of them.
      return isRead || label.endsWith('/graphql')
        ? [{ nth: index + 1, label, trouble: troubles[index % troubles.length] as RequestFault }]
        : []
    })
    expect(readings.length).toBeGreaterThan(15)
    for (const { nth, label, trouble } of sampleOf(readings)) {
      const run = await runThrough(
        example,
        troubledAt((request) => request.nth === nth, trouble),
      )
      const where = `request ${nth}, ${label}, ${nameOf(trouble)}`
      wrong.push(...differences(run, baseline).map((each) => `${where}: ${each}`))
    }
    expect(wrong).toEqual([])
  },
  testTimeoutMs,
)
