import { describe, expect, test } from 'vitest'
import { readWorkflowTriggers } from '../../../src/config/workflow-file.js'

const inputless = { kind: 'dispatchable', inputs: new Map() }

describe('readWorkflowTriggers', () => {
  test.each([
    ['a text', 'on: workflow_dispatch'],
    ['a list', 'on: [push, workflow_dispatch]'],
    ['a map', 'on:\n  workflow_dispatch:\n  push: { branches: [main] }'],
    ['a map with empty inputs', 'on:\n  workflow_dispatch:\n    inputs:\n'],
    ['a quoted key', '"on": workflow_dispatch'],
    ['the key true, as YAML 1.1 writes it', 'true: { workflow_dispatch: {} }'],
    ['an alias', 'x: &t [workflow_dispatch]\non: *t'],
  ])('readWorkflowTriggers finds the trigger in %s', (_, text) => {
    expect(readWorkflowTriggers(text)).toEqual(inputless)
  })

  test.each(['on: push', 'on: [push, pull_request]', 'on: { workflow_call: {} }', 'on: [[workflow_dispatch]]'])(
    'readWorkflowTriggers reports that %s cannot be dispatched',
    (text) => {
      expect(readWorkflowTriggers(text)).toEqual({ kind: 'not-dispatchable' })
    },
  )

  test('readWorkflowTriggers reads whether inputs are required and which options they have', () => {
    const text = `on:
  workflow_dispatch:
    inputs:
      plain:
      must: { required: true, type: string }
      filled: { required: true, default: '' }
      unset: { default: null }
      level: { type: choice, options: [low, 2, true], default: low }
      loose: { type: string, options: [a] }
`
    expect(readWorkflowTriggers(text)).toEqual({
      kind: 'dispatchable',
      inputs: new Map([
        ['plain', { required: false, hasDefault: false, options: null, type: 'text' }],
        ['must', { required: true, hasDefault: false, options: null, type: 'text' }],
        ['filled', { required: true, hasDefault: true, options: null, type: 'text' }],
        ['unset', { required: false, hasDefault: false, options: null, type: 'text' }],
        ['level', { required: false, hasDefault: true, options: ['low', '2', 'true'], type: 'choice' }],
        ['loose', { required: false, hasDefault: false, options: null, type: 'text' }],
      ]),
    })
  })

  test.each([
    ['', 'it is not a map'],
    ['- a', 'it is not a map'],
    ['jobs: {}', 'it has no key "on"'],
    ['on:', 'its key "on" does not name an event'],
    ['on: { workflow_dispatch: { inputs: [a] } }', 'its workflow_dispatch inputs are not a map'],
    ['on: push\non: push', 'line 2: duplicate key "on"'],
  ])('readWorkflowTriggers reports %j as invalid', (text, problem) => {
    expect(readWorkflowTriggers(text)).toEqual({ kind: 'invalid', problem })
  })

  test('readWorkflowTriggers reports the line at which the file is not YAML', () => {
    const result = readWorkflowTriggers('on: push\njobs: [a, b\nx: y')
    expect(result.kind === 'invalid' ? result.problem : '').toMatch(/^line 3: not valid YAML: /u)
  })
})
