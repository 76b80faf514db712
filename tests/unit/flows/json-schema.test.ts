import { describe, expect, test } from 'vitest'
import { createPayloadSchemas } from '../../../src/flows/json-schema.js'
import type { Json } from '../../../src/model/flow/flow-event.js'

const { checkPayload, schemaProblem } = createPayloadSchemas()
type Schema = Readonly<Record<string, Json>>

describe('the JSON Schema of a payload', () => {
  const release: Schema = {
    type: 'object',
    required: ['repo', 'tags'],
    properties: { repo: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
  }

  test.each<[Schema, Json, string | null]>([
    [release, { repo: 'codex', tags: ['v1'] }, null],
    [release, { repo: 'codex' }, "payload must have required property 'tags'"],
    [release, { repo: 1, tags: [] }, 'payload.repo must be string'],
    [release, { repo: 'codex', tags: ['v1', 2] }, 'payload.tags.1 must be string'],
    [release, 'text', 'payload must be object'],
    [{}, null, null],
    [{ required: ['__proto__'] }, {}, "payload must have required property '__proto__'"],
    [{ properties: { at: { format: 'date-time' } } }, { at: 'today' }, 'payload.at must match format "date-time"'],
    [
      { $defs: { tag: { type: 'string' } }, properties: { tag: { $ref: '#/$defs/tag' } } },
      { tag: 1 },
      'payload.tag must be string',
    ],
  ])('%j gives %j the answer %j', (schema, payload, problem) => {
    expect(schemaProblem(schema)).toBeNull()
    expect(checkPayload(schema, payload)).toBe(problem)
  })

  test.each<[Schema, string]>([
    [{ type: 'thing' }, 'schema is invalid: data/type'],
    [{ required: 'tag' }, 'schema is invalid: data/required must be array'],
    [
      { properties: { tag: { $ref: 'https://example.com/tag.json' } } },
      "can't resolve reference https://example.com/tag.json",
    ],
    [{ pattern: '[' }, 'Invalid regular expression'],
    [{ $async: true, required: ['tag'] }, '$async is not supported'],
  ])('%j is refused: %s', (schema, problem) => {
    expect(schemaProblem(schema)).toContain(problem)
  })

  test('may have the $id of the schema of another flow', () => {
    const id = 'https://example.com/release.json'
    expect(checkPayload({ $id: id, type: 'string' }, 'v1')).toBeNull()
    expect(checkPayload({ $id: id, type: 'number' }, 'v1')).toBe('payload must be number')
  })
})
