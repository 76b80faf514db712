import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fingerprints } from '../../../src/model/build/fingerprint.js'
import { createId } from '../../../src/model/build/orchestration-id.js'
import { setDigest, setEntry, shortDigest } from '../../../src/model/set-digest.js'
import { describeStatus, readStatusMark } from '../../../src/model/status-description.js'
import { isCompleted, isQueued } from '../../../src/model/workflow-run.js'
import { graphOf, pullRequestOf, readingOf, runOf, sha } from '../engine/fixtures.js'

const digest = '0123456789abcdef'.repeat(4)

describe('a status description', () => {
  test.each([
    ['a long text', 'x'.repeat(500)],
    ['characters outside the basic plane', '😀'.repeat(200)],
    ['nothing but control characters', '\u0000\u001b[2J\u202e\n\r\t'],
    ['a lone surrogate', `broken \ud800 ${'y'.repeat(200)}`],
    ['a text that imitates a mark', 'run:other12345 set:000000000000 ok'],
    ['no text at all', ''],
  ])('a status description keeps its mark and at most 140 characters with %s', (_, text) => {
    const description = describeStatus({ writer: 'run', id: 'abcdef123456', digest }, text)
    expect(Array.from(description).length).toBeLessThanOrEqual(140)
    expect(readStatusMark(description)).toEqual({ writer: 'run', id: 'abcdef123456', digest: shortDigest(digest) })
    expect(description).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  })

  test('a status description of 140 characters is not cut, and one of 141 is', () => {
    const fits = describeStatus({ writer: 'inv', id: 'abcdef' }, 'x'.repeat(129))
    expect(fits).toHaveLength(140)
    expect(fits.endsWith('x')).toBe(true)
    expect(describeStatus({ writer: 'inv', id: 'abcdef' }, 'x'.repeat(130))).toMatch(/^inv:abcdef x{128}…$/u)
  })

  test.each(['', 'ok run:abcdef', 'RUN:abcdef x', 'run:abc', 'run:abcdefset:0', 'run:abc def', 'build passed'])(
    'a foreign status description (%j) has no mark',
    (description) => {
      expect(readStatusMark(description)).toBeNull()
    },
  )

  test('a status mark has no digest unless 12 hex digits follow the id', () => {
    expect(readStatusMark('run:abcdef set:0123 ok')).toEqual({ writer: 'run', id: 'abcdef', digest: null })
  })
})

describe('the set digest', () => {
  const set = [
    { repo: 'acme/B', headSha: sha('b') },
    { repo: 'acme/A', headSha: null },
  ]

  test('the set digest does not depend on order or on the case of names', () => {
    expect(setDigest([...set].reverse())).toBe(setDigest(set))
    expect(setDigest(set.map(({ repo, headSha }) => ({ repo: repo.toUpperCase(), headSha })))).toBe(setDigest(set))
  })

  test('the set digest changes when a head moves, a branch appears or a repository is added', () => {
    const others = [
      [{ repo: 'acme/B', headSha: sha('c') }, set[1]],
      [set[0], { repo: 'acme/A', headSha: sha('a') }],
      [...set, { repo: 'acme/C', headSha: null }],
    ].map((entries) => setDigest(entries.flatMap((entry) => (entry ? [entry] : []))))
    expect(new Set([setDigest(set), ...others]).size).toBe(4)
  })

  const digestOf = (...bases: string[]): string =>
    setDigest([
      setEntry(readingOf('acme/A', { pullRequests: bases.map((baseRef) => pullRequestOf('acme/A', { baseRef })) })),
    ])

  test('the set digest changes with the bases of the pull requests, and with their number', () => {
    const known = [digestOf('main'), digestOf('next'), digestOf('main', 'next')]
    expect(new Set([...known, setDigest([{ repo: 'acme/A', headSha: sha('a') }])]).size).toBe(4)
    expect(digestOf('main', 'next')).toBe(digestOf('next', 'main', 'main'))
  })

  test('a pull request that is opened into the default branch does not change the set digest', () => {
    expect(digestOf()).toBe(digestOf('main'))
  })

  test('the set digest of a repository whose default branch is built has its head, marked as default', () => {
    const entries = [{ repo: 'acme/A', headSha: null, defaultBranchSha: sha('d') }]
    const line = `acme/a@${sha('d')} default\n`
    expect(setDigest(entries)).toBe(createHash('sha256').update(line).digest('hex'))
  })

  test('the set digest of statuses of older versions has no bases', () => {
    const lines = `acme/a@-\nacme/b@${sha('b')}\n`
    expect(setDigest(set)).toBe(createHash('sha256').update(lines).digest('hex'))
  })
})

describe('fingerprints', () => {
  const graph = graphOf({ A: [], B: ['A'], C: [] })
  const heads = (moved: Record<string, string | null>) => (repo: string) => ({
    headSha: repo in moved ? (moved[repo] ?? null) : sha('a'),
    defaultBranchSha: sha('d'),
  })
  const before = fingerprints(graph, 'DPTA-1', heads({}))

  test('the fingerprints of a job and its dependents change when its head moves, and no others', () => {
    const after = fingerprints(graph, 'DPTA-1', heads({ 'acme/A': sha('b') }))
    expect([...after].filter(([job, print]) => print !== before.get(job)).map(([job]) => job)).toEqual(['A', 'B'])
  })

  test('the fingerprint of a skipped job differs from that of a built one', () => {
    expect(fingerprints(graph, 'DPTA-1', heads({ 'acme/C': null })).get('C')).not.toBe(before.get('C'))
  })

  test('the fingerprints of two branches with the same heads differ only where an input names the branch', () => {
    const named = {
      source: '${{ branch }}',
      parts: [{ kind: 'expression' as const, expression: { name: 'branch' as const } }],
    }
    const naming = graphOf({ A: [] }, { job: { inputs: { ref: named } } })
    const print = (each: typeof graph, branch: string) => fingerprints(each, branch, heads({})).get('A')
    expect(print(naming, 'DPTA-1')).not.toBe(print(naming, 'DPTA-2'))
    expect(print(graph, 'DPTA-1')).toBe(print(graph, 'DPTA-2'))
  })

  test('fingerprints do not depend on the order of inputs', () => {
    const template = (source: string) => ({ source, parts: [{ kind: 'text' as const, text: source }] })
    const one = graphOf({ A: [] }, { job: { inputs: { x: template('1'), y: template('2') } } })
    const two = graphOf({ A: [] }, { job: { inputs: { y: template('2'), x: template('1') } } })
    const three = graphOf({ A: [] }, { job: { inputs: { x: template('2'), y: template('1') } } })
    const print = (graph: typeof one) => fingerprints(graph, 'DPTA-1', heads({})).get('A')
    expect(print(two)).toBe(print(one))
    expect(print(three)).not.toBe(print(one))
  })
})

describe('an orchestration id', () => {
  test('orchestration ids sort by time, regardless of their random parts', () => {
    const early = createId(1_700_000_000_000, () => 0.999_999)
    const late = createId(1_700_000_000_001, () => 0)
    expect(early < late).toBe(true)
    expect(late).toMatch(/^[0-9a-z]{16}$/u)
  })

  test('an orchestration id is valid in the mark of a status', () => {
    const id = createId(Date.UTC(2026, 0, 1), () => 0.5)
    expect(readStatusMark(describeStatus({ writer: 'run', id }, 'x'))?.id).toBe(id)
  })
})

describe('a workflow run', () => {
  test('a workflow run is complete only with the status completed and a conclusion', () => {
    expect(isCompleted(runOf({ status: 'completed', conclusion: 'success' }))).toBe(true)
    expect(isCompleted(runOf({ status: 'completed', conclusion: null }))).toBe(false)
    expect(isCompleted(runOf({ status: 'in_progress', conclusion: 'success' }))).toBe(false)
  })

  test.each(['requested', 'queued', 'pending', 'waiting'])(
    'a workflow run is queued while its status is %s',
    (status) => {
      expect(isQueued(runOf({ status }))).toBe(true)
    },
  )

  test.each(['in_progress', 'completed', 'brand_new'])(
    'a workflow run has left the queue when its status is %s',
    (status) => {
      expect(isQueued(runOf({ status }))).toBe(false)
    },
  )
})
