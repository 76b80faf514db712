import { describe, expect, test } from 'vitest'
import { displayTitle, readTriggers, typedInputs } from '../../../src/sandbox/workflow/parse/triggers.js'

const dispatch = `
name: build
run-name: "build \${{ github.ref_name }} [orch:\${{ inputs.orch_id }}]"
on:
  workflow_dispatch:
    inputs:
      orch_id: { default: none }
      level: { type: choice, options: [low, high], required: true }
      dry: { type: boolean, default: false }
      count: { type: number, default: 3 }
      bare:
  repository_dispatch:
    types: [orch]
`

describe('readTriggers', () => {
  test('readTriggers returns the declared inputs with their defaults as text', () => {
    expect(readTriggers(dispatch)).toEqual({
      ok: true,
      name: 'build',
      runName: 'build ${{ github.ref_name }} [orch:${{ inputs.orch_id }}]',
      events: ['workflow_dispatch', 'repository_dispatch'],
      workflowDispatch: {
        inputs: {
          orch_id: { required: false, type: 'string', default: 'none' },
          level: { required: true, type: 'choice', options: ['low', 'high'] },
          dry: { required: false, type: 'boolean', default: 'false' },
          count: { required: false, type: 'number', default: '3' },
          bare: { required: false, type: 'string' },
        },
      },
      repositoryDispatch: { types: ['orch'] },
    })
  })

  test.each([
    ['on: workflow_dispatch', ['workflow_dispatch'], true],
    ['on: [push, workflow_dispatch]', ['push', 'workflow_dispatch'], true],
    ['on: push', ['push'], false],
    ['on: { push: { branches: [main] } }', ['push'], false],
  ])('readTriggers accepts %s', (text, events, dispatchable) => {
    const triggers = readTriggers(text)
    expect(triggers).toMatchObject({ ok: true, events })
    expect('workflowDispatch' in triggers).toBe(dispatchable)
  })

  test.each([
    ['', 'empty'],
    ['name: x', '`on`'],
    ['on: [1]', '`on`'],
    ['a: b: c', 'line 1'],
    ['on: { workflow_dispatch: { inputs: { x: { type: date } } } }', 'inputs.x.type'],
    ['on: { workflow_dispatch: { inputs: { x: { type: choice } } } }', 'without options'],
    ['on: { workflow_dispatch: { inputs: [x] } }', 'must be a mapping'],
    [`a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]`, 'alias'],
  ])('readTriggers refuses %s with a reason', (text, reason) => {
    expect(readTriggers(text)).toEqual({ ok: false, message: expect.stringContaining(reason) as string })
  })
})

describe('displayTitle', () => {
  const github = { ref_name: 'DPTA-1' }

  test('displayTitle evaluates the run-name', () => {
    const runName = 'build ${{ github.ref_name }} [orch:${{ inputs.orch_id }}]'
    expect(displayTitle(runName, { inputs: { orch_id: 'x1' }, github })).toBe('build DPTA-1 [orch:x1]')
  })

  test.each([undefined, '   ', '${{ inputs.none }}', '${{ nonsense }}'])(
    'displayTitle returns nothing for the run-name %s',
    (runName) => {
      expect(displayTitle(runName, { inputs: {}, github })).toBeUndefined()
    },
  )
})

test('typedInputs converts each input to its declared type', () => {
  const declared = {
    dry: { required: false, type: 'boolean' },
    count: { required: false, type: 'number' },
    text: { required: false, type: 'string' },
  } as const
  expect(typedInputs(declared, { dry: 'false', count: '3', text: 'true', extra: '1' })).toEqual({
    dry: false,
    count: 3,
    text: 'true',
    extra: '1',
  })
})
