import { describe, expect, test } from 'vitest'
import { readEventTrigger } from '../../../src/config/workflow-file.js'
import { receiversOf } from '../../../src/model/event-receiver.js'

describe('the trigger repository_dispatch of a workflow file', () => {
  test.each([
    ['on: repository_dispatch', { types: null }],
    ['on: [push, repository_dispatch]', { types: null }],
    ['on:\n  repository_dispatch:', { types: null }],
    ['on: { repository_dispatch: { types: [a, b] } }', { types: ['a', 'b'] }],
    ['on: { repository_dispatch: { types: a } }', { types: ['a'] }],
    ['run-name: x\non: { repository_dispatch: { types: [1] } }', { types: ['1'], runName: 'x' }],
    ['on: workflow_dispatch', null],
    ['on: [push', null],
    ['jobs: {}', null],
  ])('of %j is %j', (text, trigger) => {
    expect(readEventTrigger(text)).toEqual(trigger)
  })

  test.each([
    ["'${{ github.event.client_payload.orch_id }}'", true],
    ['\'a [${{ format("x", github.event.client_payload.orch_id) }}]\'', true],
    ["'${{ inputs.orch_id }}'", false],
    ["'github.event.client_payload.orch_id'", false],
    ["'${{ github.event.client_payload.orch_id2 }}'", false],
  ])('the run name %s carries the id: %s', (runName, carriesMarker) => {
    const text = `run-name: ${runName}\non: repository_dispatch`
    expect(receiversOf([{ workflow: 'a.yml', text }], 'x', readEventTrigger)).toEqual([
      { workflow: 'a.yml', carriesMarker },
    ])
  })

  test('only the workflows that wait for the type receive the event', () => {
    const types = (list: string): string => `on: { repository_dispatch: { types: ${list} } }`
    const workflows = [
      { workflow: 'a.yml', text: types('[x]') },
      { workflow: 'b.yml', text: types('[y]') },
      { workflow: 'c.yml', text: 'on: repository_dispatch' },
      { workflow: 'd.yml', text: 'on: push' },
    ]
    expect(receiversOf(workflows, 'x', readEventTrigger).map(({ workflow }) => workflow)).toEqual(['a.yml', 'c.yml'])
  })
})
