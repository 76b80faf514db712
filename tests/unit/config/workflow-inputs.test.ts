import { describe, expect, test } from 'vitest'
import { readWorkflowTriggers } from '../../../src/config/workflow-file.js'

function isRequired(text: string): boolean | undefined {
  const result = readWorkflowTriggers(`on: { workflow_dispatch: { inputs: { level: { ${text} } } } }`)
  return result.kind === 'dispatchable' ? result.inputs.get('level')?.required : undefined
}

describe('an input of workflow_dispatch', () => {
  test.each([
    ['required: true', true],
    ["required: 'true'", true],
    ['required: false', false],
    ["required: 'false'", false],
    ["required: ''", false],
    ['required: ', false],
    ['required: 1', false],
    ['required: [true]', false],
    ['type: string', false],
  ])('an input of workflow_dispatch with "%s" is read with required: %s', (text, required) => {
    expect(isRequired(text)).toBe(required)
  })
})
