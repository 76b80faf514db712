import { describe, expect, test } from 'vitest'
import { matchEvent } from '../../../src/flows/match-event.js'
import type { UsableFlow } from '../../../src/flows/catalog.js'
import { createPayloadSchemas } from '../../../src/flows/json-schema.js'
import type { FlowTriggers } from '../../../src/model/flow/flow.js'

const { checkPayload } = createPayloadSchemas()

function usable(
  flows: Readonly<Record<string, { event?: Partial<FlowTriggers['event']>; isDisabled?: boolean }>>,
): Map<string, UsableFlow> {
  return new Map(
    Object.entries(flows).map(([name, { event, isDisabled = false }]) => {
      const on = { event: event ? { types: [], source: null, payload: null, ...event } : null }
      const flow = { name, on: { ...on, dispatch: true, schedule: [], poll: null }, concurrency: 1, steps: [] }
      return [name, { flow, isDisabled }]
    }),
  )
}

const event = { type: 'upstream.release', source: 'patch', payload: { tag: 'v1' } }
const needsRepo = { required: ['repo'] }

describe('an event', () => {
  test.each([
    ['its type', { types: ['upstream.release'] }],
    ['a pattern of its type', { types: ['docs', 'upstream.*'] }],
    ['every type', { types: [] }],
    ['its type and its source', { types: ['upstream.release'], source: 'patch' }],
    ['a schema that its payload fits', { payload: { required: ['tag'] } }],
  ])('starts a flow with %s', (_sentence, trigger) => {
    const match = matchEvent(event, usable({ release: { event: trigger } }), checkPayload)
    expect([match.flows.map(({ name }) => name), match.unmatched]).toEqual([['release'], null])
  })

  test.each<[string, Parameters<typeof usable>[0], string]>([
    ['there is no flow', {}, 'no flow matches the type "upstream.release" from "patch": no flow is started by events'],
    ['no flow has an event trigger', { announce: {} }, 'no flow is started by events'],
    ['the type is another', { docs: { event: { types: ['docs.*'] } } }, 'flows started by events: docs (docs.*)'],
    ['the type is taken back', { docs: { event: { types: ['**', '!upstream.*'] } } }, 'docs (**, !upstream.*)'],
    ['the source is another', { any: { event: { source: 'github' } } }, 'any (every type from github)'],
    ['the flow is disabled', { release: { event: {}, isDisabled: true } }, 'release is disabled'],
    [
      'the payload does not fit',
      { release: { event: { payload: needsRepo } } },
      "release does not accept the payload: payload must have required property 'repo'",
    ],
    [
      'each flow has a reason of its own',
      { a: { event: {}, isDisabled: true }, b: { event: { payload: needsRepo } } },
      'a is disabled; b does not accept the payload',
    ],
  ])('starts nothing, and the reason is named, where %s', (_sentence, flows, reason) => {
    const { flows: started, unmatched } = matchEvent(event, usable(flows), checkPayload)
    expect(started).toEqual([])
    expect(unmatched).toContain(reason)
  })

  test('starts every flow that matches, whatever becomes of the others', () => {
    const flows = usable({ a: { event: {} }, b: { event: {}, isDisabled: true }, c: { event: { source: 'patch' } } })
    expect(matchEvent(event, flows, checkPayload).flows.map(({ name }) => name)).toEqual(['a', 'c'])
  })
})
