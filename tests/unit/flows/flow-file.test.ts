import { describe, expect, test } from 'vitest'
import { handoffCycles } from '../../../src/flows/file/handoff-cycles.js'
import { parseFlowFile } from '../../../src/flows/file/parse-flow-file.js'
import { createPayloadSchemas } from '../../../src/flows/json-schema.js'
import { resolveEntries, resolveTemplate } from '../../../src/model/flow/flow-template.js'
import type { FlowEvent } from '../../../src/model/flow/flow-event.js'
import type { Flow } from '../../../src/model/flow/flow.js'
import { everyKey, flowFileMistakes } from '../../support/flow-files.js'

const { schemaProblem } = createPayloadSchemas()

function parse(text: string): Flow {
  const parsed = parseFlowFile(text, schemaProblem)
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join('; '))
  return parsed.flow
}

function mistakesIn(text: string): string[] {
  const parsed = parseFlowFile(text, schemaProblem)
  return parsed.ok ? [] : parsed.diagnostics.map(({ line, message }) => `${line}: ${message}`)
}

describe('a flow file', () => {
  test('may have every key', () => {
    expect(parse(everyKey)).toMatchObject({
      name: 'release',
      on: {
        event: { types: ['upstream.release', 'upstream.*'], source: 'patch', payload: { required: ['repo', 'tag'] } },
        dispatch: true,
        schedule: [{ cron: '0 6 * * 1-5', timeZone: 'Europe/Berlin' }],
        poll: { everyMs: 300_000, command: ['node', 'poll.js', '1'] },
      },
      concurrency: 2,
      steps: [
        {
          kind: 'exec',
          command: { kind: 'shell' },
          timeoutMs: 30_000,
          env: ['RELEASE_TOKEN'],
          workingDirectory: 'tools',
        },
        { kind: 'exec', command: { kind: 'argv', argv: ['node', 'build.js'] }, timeoutMs: 1_800_000, env: [] },
        { kind: 'dispatch' },
        { kind: 'run' },
        { kind: 'invalidate' },
        { kind: 'handoff', flow: 'announce' },
      ],
    })
  })

  test.each(flowFileMistakes)('with the mistake %j is refused: %s', (text, ...expected) => {
    expect(mistakesIn(text)).toEqual(expected.map((mistake): unknown => expect.stringContaining(mistake)))
  })

  test('reports all its mistakes at once, in the order of their lines', () => {
    const text = 'name: -x\non: { dispatch: maybe }\nsteps:\n  - exec: 5\n  - walk: home\n'
    expect(mistakesIn(text).map((mistake) => mistake.slice(0, 2))).toEqual(['1:', '2:', '4:', '5:', '5:'])
  })

  test('with a byte order mark and the line breaks of Windows is read', () => {
    expect(parse('\ufeffname: a\r\non: { dispatch: true }\r\nsteps:\r\n  - exec: cat\r\n').name).toBe('a')
  })
})

describe('the expressions of a flow file', () => {
  const [step] = parse(`name: a
on: { dispatch: true }
steps:
  - dispatch:
      repository: acme/\${{ event.payload.repo }}
      event-type: published
      payload:
        text: "\${{ event.type }} of \${{ event.payload.tags }}"
        whole: "\${{ event.payload.tags }}"
        list: [1, true, null, "\${{ event.payload.tags.0 }}"]
        deep: { __proto__: "\${{ event.id }}" }
`).steps
  if (step?.kind !== 'dispatch') throw new Error('the step is not a dispatch')
  const event: FlowEvent = {
    id: 'e1',
    type: 'upstream.release',
    source: 'patch',
    receivedAt: 1,
    payload: { repo: 'docs', tags: ['v1', { b: 1, a: 2 }] },
    context: [],
    flow: null,
    depth: 0,
    createdAt: 1,
    unmatched: null,
  }

  test('are replaced, and a text that is one expression becomes the value itself', () => {
    expect(resolveTemplate(step.repository, event)).toEqual({ kind: 'text', text: 'acme/docs' })
    const resolved = resolveEntries(step.payload, event)
    expect(JSON.parse(JSON.stringify(resolved.kind === 'map' ? resolved.map : null))).toEqual(
      JSON.parse(
        '{"text":"upstream.release of [\\"v1\\",{\\"a\\":2,\\"b\\":1}]","whole":["v1",{"a":2,"b":1}],' +
          '"list":[1,true,null,"v1"],"deep":{"__proto__":"e1"}}',
      ),
    )
  })

  test.each([[{ tags: [] }], [null], ['text'], [{ repo: 'docs' }]])(
    'without a value for the payload %j are missing, and never the empty text',
    (payload) => {
      expect(resolveEntries(step.payload, { ...event, payload })).toMatchObject({ kind: 'missing' })
    },
  )

  test('never reach what an object inherits', () => {
    const [run] = parse('name: a\non: { dispatch: true }\nsteps:\n  - run: "${{ event.payload.constructor }}"\n').steps
    expect(run?.kind === 'run' && resolveTemplate(run.branch, event)).toEqual({
      kind: 'missing',
      expression: 'event.payload.constructor',
    })
  })
})

describe('the cycles of handoffs', () => {
  const flow = (name: string, ...next: string[]): Flow =>
    parse(
      `name: ${name}\non: { dispatch: true }\nsteps:\n${next.map((to) => `  - handoff: ${to}\n`).join('')}  - exec: cat\n`,
    )

  test.each<[string, Flow[], Record<string, string>]>([
    ['none', [flow('a', 'b'), flow('b', 'c'), flow('c')], {}],
    ['none where two ways lead to one flow', [flow('a', 'b', 'c'), flow('b', 'd'), flow('c', 'd'), flow('d')], {}],
    ['none where the next flow does not exist', [flow('a', 'gone')], {}],
    ['a flow that hands on to itself', [flow('a', 'a')], { a: 'a a' }],
    ['two flows', [flow('a', 'b'), flow('b', 'a')], { a: 'a b a', b: 'b a b' }],
    [
      'the shortest way, without the flow that only leads there',
      [flow('start', 'a'), flow('a', 'b', 'c'), flow('b', 'c'), flow('c', 'a')],
      { a: 'a c a', b: 'b c a b', c: 'c a c' },
    ],
  ])('are %s', (_sentence, flows, expected) => {
    const found = [...handoffCycles(flows)].map(([name, way]) => [name, way.join(' ')])
    expect(Object.fromEntries(found)).toEqual(expected)
  })
})
