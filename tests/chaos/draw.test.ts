import { expect, test } from 'vitest'
import { drawCase, repositories } from './draw.js'

const cases = Array.from({ length: 1_000 }, (_, index) => drawCase(index + 1, 'full'))

test('a seed draws the same orchestration each time', () => {
  expect(drawCase(7, 'full')).toEqual(drawCase(7, 'full'))
  expect(drawCase(8, 'full')).not.toEqual({ ...drawCase(7, 'full'), seed: 8 })
})

test('a thousand seeds draw every kind of fault and disturbance, and every continuation after a kill', () => {
  const kinds = new Set(cases.flatMap(({ faults }) => faults.map(({ fault }) => fault.action.kind)))
  expect([...kinds].sort()).toEqual([
    'delay',
    'disconnect',
    'disconnect-after',
    'graphql-partial',
    'graphql-refused',
    'graphql-too-large',
    'hang',
    'hang-after',
    'late-runs',
    'respond',
    'respond-after',
    'secondary-limit',
    'stale-reads',
  ])
  const holding = (has: (each: (typeof cases)[number]) => boolean): number => cases.filter(has).length
  for (const then of ['resume', 'new', 'elsewhere'])
    expect(holding(({ kills }) => kills.some((kill) => kill.then === then))).toBeGreaterThan(40)
  expect(holding(({ kills }) => kills.length > 0)).toBeGreaterThan(300)
  expect(holding(({ kills }) => kills.length > 1)).toBeGreaterThan(40)
  expect(holding(({ pushes }) => pushes.length > 0)).toBeGreaterThan(50)
  expect(holding(({ pushes, members }) => pushes.some(({ repo }) => !members.includes(repo)))).toBeGreaterThan(5)
  expect(holding(({ invalidations }) => invalidations.length > 0)).toBeGreaterThan(40)
  expect(holding(({ secondRuns }) => secondRuns.length > 0)).toBeGreaterThan(40)
  expect(holding(({ primaryLimits }) => primaryLimits.length > 0)).toBeGreaterThan(40)
  expect(holding(({ isMarked }) => isMarked)).toBeGreaterThan(400)
})

test('a drawn change has at least two members, and a pull request in at least one of them', () => {
  for (const { members, pulls } of [...cases, ...cases.map(({ seed }) => drawCase(seed, 'short'))]) {
    expect(members.length).toBeGreaterThanOrEqual(2)
    expect(pulls.length).toBeGreaterThanOrEqual(1)
    expect(pulls.filter((repo) => !members.includes(repo))).toEqual([])
    expect(members.filter((repo) => !repositories.some((known) => known === repo))).toEqual([])
  }
})

test('a restart on another machine answers the same event, and only where the workflows carry the marker', () => {
  const restarted = cases.filter(({ kills }) => kills.some(({ then }) => then === 'elsewhere'))
  expect(restarted.filter(({ isMarked, hasEvent }) => !isMarked || !hasEvent)).toEqual([])
})
