import { describe, expect, test } from 'vitest'
import { readWorkflowTriggers } from '../../../src/config/workflow-file.js'

const inputs = new Map()

describe('the run name of a workflow', () => {
  test('a run name is read where the workflow can be dispatched and its run name is a text', () => {
    const run = 'on: workflow_dispatch\nrun-name:'
    expect(readWorkflowTriggers(`${run} build \${{ inputs.x }}`)).toEqual({
      kind: 'dispatchable',
      inputs,
      runName: 'build ${{ inputs.x }}',
    })
    for (const other of ['', ' 5', ' [a]', ' true']) {
      const triggers = readWorkflowTriggers(`${run}${other}`)
      expect(triggers).toEqual({ kind: 'dispatchable', inputs })
      expect(Object.keys(triggers)).toEqual(['kind', 'inputs'])
    }
  })

  test('the run name of a workflow that cannot be dispatched is not read', () => {
    expect(Object.keys(readWorkflowTriggers('on: push\nrun-name: build'))).toEqual(['kind'])
    expect(Object.keys(readWorkflowTriggers('on: 5\nrun-name: build'))).toEqual(['kind', 'problem'])
  })
})

describe('the triggers of a workflow', () => {
  test.each([
    'on: [[workflow_dispatch], 1, { workflow_dispatch: }]',
    'on: { push: workflow_dispatch }',
    'on: []',
    'on: {}',
  ])('a workflow with %s cannot be dispatched', (text) => {
    expect(readWorkflowTriggers(text)).toEqual({ kind: 'not-dispatchable' })
  })

  test.each(['workflow_dispatch', '[workflow_dispatch]', '5'])(
    'the inputs of a workflow_dispatch that is %s are empty',
    (trigger) => {
      expect(readWorkflowTriggers(`on: { workflow_dispatch: ${trigger} }`)).toEqual({ kind: 'dispatchable', inputs })
    },
  )

  test.each(['on: 5', 'on: true', 'on: null'])('a workflow with %s names no event', (text) => {
    expect(readWorkflowTriggers(text)).toEqual({ kind: 'invalid', problem: 'its key "on" does not name an event' })
  })

  test('the key "on" is read before the key "true"', () => {
    expect(readWorkflowTriggers('true: push\non: workflow_dispatch')).toEqual({ kind: 'dispatchable', inputs })
  })

  test('the first problem of a workflow file is reported with its line, counted without a byte order mark', () => {
    expect(readWorkflowTriggers('\ufeffon: push\non: push\non: push')).toEqual({
      kind: 'invalid',
      problem: 'line 2: duplicate key "on"',
    })
  })
})

describe('the options of an input', () => {
  const optionsOf = (settings: string): readonly string[] | null | undefined => {
    const triggers = readWorkflowTriggers(`on: { workflow_dispatch: { inputs: { x: { ${settings} } } } }`)
    return triggers.kind === 'dispatchable' ? triggers.inputs.get('x')?.options : undefined
  }

  test.each([
    ['type: choice, options: [a, 1.50, false, [b], null, { c: d }]', ['a', '1.50', 'false']],
    ['type: choice, options: []', []],
    ['type: choice, options: a', null],
    ['type: choice, options:', null],
    ['type: choice', null],
    ['type: [choice], options: [a]', null],
    ['type: environment, options: [a]', null],
    ['options: [a]', null],
  ])('an input with %s has these options', (settings, options) => {
    expect(optionsOf(settings)).toEqual(options)
  })
})
