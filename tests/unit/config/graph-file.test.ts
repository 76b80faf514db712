import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph } from '../../../src/model/graph.js'
import { isExhaustive } from '../../support/exhaustive.js'

const file = (jobs: string, head = 'version: 1\nowner: acme\nbranches: DPTA-*\n'): string => `${head}jobs:\n${jobs}`

function graphOf(text: string): Graph {
  const result = parseGraphFile(text)
  if (!result.ok) throw new Error(result.diagnostics.map((diagnostic) => diagnostic.message).join('\n'))
  return result.graph
}

function messagesOf(text: string): string[] {
  const result = parseGraphFile(text)
  return result.ok ? [] : result.diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

describe('defaults', () => {
  test('a job without settings builds the repository of its id with build.yml, with a timeout of 30 minutes and a queue timeout of an hour', () => {
    const graph = graphOf(file('  repoA:\n'))
    expect(graph).toEqual({
      branches: ['DPTA-*'],
      statusContext: 'orchestrator-build',
      failFast: true,
      maxParallel: null,
      jobs: [
        {
          id: 'repoA',
          repo: 'acme/repoA',
          needs: [],
          workflow: 'build.yml',
          inputs: {},
          timeoutMs: 1_800_000,
          queueTimeoutMs: 3_600_000,
          retries: 0,
          retryOn: 'any',
        },
      ],
    })
  })

  test('parseGraphFile orders the example graph and reads every key of the full example', () => {
    const root = graphOf(readFileSync(new URL('../../../orchestrator.yaml', import.meta.url), 'utf8'))
    expect(root.jobs.map((job) => job.id)).toEqual(['repoA', 'repoB', 'repoC', 'repoD', 'repoE'])
    const full = graphOf(
      readFileSync(new URL('../../../config/examples/valid/everything.yaml', import.meta.url), 'utf8'),
    )
    expect(full).toMatchObject({ statusContext: 'changes/build', failFast: false, maxParallel: 4 })
    expect(full.jobs[1]).toMatchObject({
      id: 'service-a',
      repo: 'acme/service-a',
      workflow: 'build.yaml',
      timeoutMs: 2_700_000,
      queueTimeoutMs: 90_000,
    })
    const sources = Object.entries(full.jobs[1]?.inputs ?? {}).map(([name, { source }]) => [name, source])
    expect(sources).toEqual([
      ['change', '${{ branch }}'],
      ['library-sha', '${{ needs.library.head-sha }}'],
      ['label', '${{ orchestration.id }}/${{ job.attempt }}'],
      ['release', 'false'],
      ['level', '1.10'],
    ])
  })

  test('on-lost-dispatch of the file holds for each job that does not set it, and stop is the default', () => {
    const top = 'version: 1\nowner: o\nbranches: b\non-lost-dispatch: dispatch-again\n'
    const jobs = '  a: {}\n  b: { on-lost-dispatch: stop }\n'
    expect(graphOf(file(jobs, top)).jobs.map(({ onLostDispatch }) => onLostDispatch)).toEqual([
      'dispatch-again',
      undefined,
    ])
    const own = graphOf(file('  a: { on-lost-dispatch: dispatch-again }\n  b: {}\n'))
    expect(own.jobs.map(({ onLostDispatch }) => onLostDispatch)).toEqual(['dispatch-again', undefined])
  })

  test('a job overrides an input and a setting of the defaults', () => {
    const text = file(
      '  a: { workflow: b.yml, inputs: { x: own } }\n',
      'version: 1\nowner: o\nbranches: b\ndefaults: { workflow: a.yml, inputs: { x: all, y: all } }\n',
    )
    const [job] = graphOf(text).jobs
    expect(job?.workflow).toBe('b.yml')
    expect(Object.entries(job?.inputs ?? {}).map(([name, input]) => [name, input.source])).toEqual([
      ['x', 'own'],
      ['y', 'all'],
    ])
  })

  test('an input named __proto__ is read like any other', () => {
    const [job] = graphOf(file("  a: { inputs: { __proto__: 'x', constructor: y } }\n")).jobs
    expect(Object.keys(job?.inputs ?? {})).toEqual(['__proto__', 'constructor'])
  })
})

describe('invalid graph files', () => {
  test.each([
    ['nothing', '', '1:1 the file is empty'],
    ['a byte order mark alone', '\ufeff', '1:1 the file is empty'],
    ['a NUL', 'version: 1\nowner: a\0b\n', '2:9 the file is not valid UTF-8 text: it contains the character U+0000'],
    [
      'bytes of another encoding',
      'owner: \ufffdcme',
      '1:8 the file is not valid UTF-8 text: it contains the character U+FFFD',
    ],
    ['an escape sequence', 'a: \u001b[31m', '1:4 the file is not valid UTF-8 text: it contains the character U+001B'],
    ['half a surrogate pair', 'a: \ud800', '1:4 the file is not valid UTF-8 text: it contains the character U+D800'],
    ['10 MB', 'jobs:\n'.repeat(1_700_000), '1:1 the file is too large: 10.2 MB, the limit is 1 MB'],
    [
      'a little more than 1 MB of wide characters',
      'é'.repeat(500_001),
      '1:1 the file is too large: 1.0 MB, the limit is 1 MB',
    ],
    ['100,000 open brackets', '['.repeat(100_000), '1:101 the file is nested too deeply'],
    ['100,000 dashes', '- '.repeat(100_000), '1:201 the file is nested too deeply'],
    ['closing brackets', ']'.repeat(100_000), '1:1 this bracket was not opened'],
    ['directives', '%\n'.repeat(100_000), '11:1 the file contains more than ten directives'],
    ['commas', `[${','.repeat(100_000)}`, '1:3 there is nothing between these commas'],
  ])('a graph file of %s is refused at its place', (_, text, message) => {
    expect(messagesOf(text)).toEqual([message])
  })

  test('a graph file with deep indentation is refused', () => {
    const text = Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')
    expect(messagesOf(text)).toEqual([expect.stringContaining('the file is nested too deeply')])
  })

  test('a byte order mark and CRLF change neither the graph nor the places of problems', () => {
    const text = file('  a: {}\n  b: { needs: c }\n').replaceAll('\n', '\r\n')
    expect(messagesOf(`\ufeff${text}`)).toEqual(['6:15 unknown job "c"'])
    expect(graphOf(`\ufeff${text.replace('c }', 'a }')}`).jobs).toHaveLength(2)
  })

  test('the column of a problem counts characters, not UTF-16 units', () => {
    expect(messagesOf(file("  a: { inputs: { x: '🙂🙂', y: [1] } }\n"))).toEqual([
      '5:30 the input "y" must be a text, a number, true or false, not a list',
    ])
  })
})

/** Jobs of a very large file, which takes seconds to read. */
const many = isExhaustive ? 10_000 : 2_000

describe('large files', () => {
  const chain = (length: number, job: (at: number) => string): string =>
    file(Array.from({ length }, (_, at) => `  job${at}: ${job(at)}\n`).join(''))

  test(`parseGraphFile reads a chain of ${many} jobs, each with an expression about a distant one`, () => {
    const text = chain(many, (at) =>
      at === 0 ? '{}' : `{ needs: job${at - 1}, inputs: { x: "\${{ needs.job${Math.floor(at / 2)}.result }}" } }`,
    )
    expect(graphOf(text).jobs.at(-1)?.id).toBe(`job${many - 1}`)
  })

  test(`a cycle of ${many} jobs is reported once and shortened`, () => {
    const messages = messagesOf(chain(many, (at) => `{ needs: job${(at + 1) % many} }`))
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain(`job0 -> job1 -> job2 -> job3 -> job4 -> job5 -> … -> job${many - 4}`)
  })

  test('a thousand unknown needs are all reported, and only those that are printed have a hint', () => {
    const result = parseGraphFile(chain(1_000, (at) => `{ needs: jobb${at} }`))
    const diagnostics = result.ok ? [] : result.diagnostics
    expect(diagnostics).toHaveLength(1_000)
    expect(diagnostics.filter((diagnostic) => diagnostic.hint !== undefined)).toHaveLength(50)
  })
})

describe('warnings', () => {
  test('a branch pattern that excludes nothing is a warning, and the graph is read', () => {
    const result = parseGraphFile("version: 1\nowner: a\nbranches: ['!x', y]\njobs: { b: {} }\n")
    expect(result).toMatchObject({ ok: true, warnings: [{ severity: 'warning', line: 3, column: 12, length: 4 }] })
  })
})

describe('any text', () => {
  const fragments = fc.constantFrom(
    ...[
      'version: 1\n',
      'owner: a\n',
      'jobs:\n',
      '  a:',
      '  b: ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      ': ',
      '- ',
      '? ',
      '\n',
      '  ',
    ],
    ...['&x ', '*x', '!t ', '|\n', '>-\n', '"', "'", '${{ ', ' }}', 'needs.a.result', '#', '%', '---\n', '...\n', '\t'],
    ...['needs: ', 'branches: ', 'inputs: ', '\r\n', '\0', 'null', '<<: ', '~', '1e3', '🙂', '\ufeff', '__proto__: '],
  )
  const soup = fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join(''))

  test('parseGraphFile throws for no text, and every place that it reports is in the text', () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        const result = parseGraphFile(text)
        const diagnostics = result.ok ? result.warnings : result.diagnostics
        if (!result.ok) expect(diagnostics.length).toBeGreaterThan(0)
        const lines = text.replace(/^\ufeff/u, '').split('\n')
        for (const { line, column, length } of diagnostics) {
          expect(lines[line - 1]).toBeDefined()
          expect(column).toBeLessThanOrEqual(Array.from(lines[line - 1] ?? '').length + 1)
          expect(length).toBeGreaterThan(0)
        }
      }),
      { numRuns: isExhaustive ? 1000 : 250 },
    )
  })
})

describe('a generated graph', () => {
  const id = fc
    .stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,12}$/u)
    .filter((name) => name.toLowerCase() !== 'orchestrator-build')
  const graph = fc
    .uniqueArray(id, { minLength: 1, maxLength: 12, selector: (name) => name.toLowerCase() })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((name, at) =>
          fc.record({
            id: fc.constant(name),
            needs: fc.subarray(ids.slice(0, at)),
            minutes: fc.integer({ min: 1, max: 50_400 }),
            input: fc.string({ maxLength: 20 }).filter((text) => !text.includes('${{')),
          }),
        ),
      ),
    )

  test('a generated graph is read back from its text, for any order of its jobs', () => {
    fc.assert(
      fc.property(graph, fc.boolean(), (jobs, isReversed) => {
        const written = (isReversed ? jobs.toReversed() : jobs).map(
          ({ id: name, needs, minutes, input }) =>
            `  ${JSON.stringify(name)}: ${JSON.stringify({ needs, 'timeout-minutes': minutes, inputs: { x: input } })}\n`,
        )
        const read = graphOf(file(written.join('')))
        const byId = new Map(read.jobs.map((job, at) => [job.id, { job, at }]))
        expect(byId.size).toBe(jobs.length)
        for (const { id: name, needs, minutes, input } of jobs) {
          const found = byId.get(name)
          expect(found?.job).toMatchObject({ repo: `acme/${name}`, needs, timeoutMs: minutes * 60_000 })
          expect(found?.job.inputs.x?.source).toBe(input)
          for (const need of needs) expect(byId.get(need)?.at).toBeLessThan(found?.at ?? -1)
        }
      }),
    )
  })
})
