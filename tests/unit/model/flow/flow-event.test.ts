import { describe, expect, test } from 'vitest'
import { canonicalJson, differingField } from '../../../../src/model/flow/flow-event.js'
import type { FlowEvent, Json, NewEvent } from '../../../../src/model/flow/flow-event.js'

const json = (text: string): Json => JSON.parse(text) as Json

const sent: NewEvent = {
  id: 'e1',
  type: 'upstream.release',
  source: 'patch',
  receivedAt: 1,
  payload: json('{"repo":"codex","tags":[1,2],"deep":{"a":1,"b":null}}'),
  context: [
    { name: 'a.txt', content: 'A' },
    { name: 'b.txt', content: 'B' },
  ],
}
const kept: FlowEvent = {
  ...sent,
  receivedAt: 1,
  context: sent.context ?? [],
  flow: null,
  depth: 0,
  createdAt: 2,
  unmatched: null,
}

describe('canonical JSON', () => {
  test.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['[{"b":{"d":1,"c":2},"a":[]}]', '[{"a":[],"b":{"c":2,"d":1}}]'],
    ['{"__proto__":{"b":1,"a":2},"a":1}', '{"__proto__":{"a":2,"b":1},"a":1}'],
    ['{"toJSON":1,"constructor":2}', '{"constructor":2,"toJSON":1}'],
    ['[3,1,2]', '[3,1,2]'],
    ['"\\ud800"', '"\\ud800"'],
    ['null', 'null'],
  ])('of %s is %s', (text, expected) => {
    expect(canonicalJson(json(text))).toBe(expected)
  })
})

describe('an event under a known id', () => {
  test.each<[string, Partial<NewEvent>]>([
    ['the same', {}],
    ['another time at which it was noticed', { receivedAt: 99 }],
    ['its keys in another order', { payload: json('{"deep":{"b":null,"a":1},"tags":[1,2],"repo":"codex"}') }],
    ['its files in another order', { context: (sent.context ?? []).toReversed() }],
  ])('is the same event with %s', (_sentence, fields) => {
    expect(differingField(kept, { ...sent, ...fields })).toBeNull()
  })

  test.each<[string, Partial<NewEvent>]>([
    ['type', { type: 'upstream.tag' }],
    ['source', { source: 'other' }],
    ['payload', { payload: json('{"repo":"codex","tags":[2,1],"deep":{"a":1,"b":null}}') }],
    ['payload', { payload: json('{"repo":"codex","tags":[1,2],"deep":{"a":1}}') }],
    ['payload', { payload: json('{"repo":"codex","tags":[1,2],"deep":{"a":1,"b":null},"__proto__":{}}') }],
    ['flow', { flow: 'release' }],
    ['context', { context: [{ name: 'a.txt', content: 'A' }] }],
    [
      'context',
      {
        context: [
          { name: 'a.txt', content: 'B' },
          { name: 'b.txt', content: 'A' },
        ],
      },
    ],
  ])('differs in its %s with %j', (field, fields) => {
    expect(differingField(kept, { ...sent, ...fields })).toBe(field)
  })
})
