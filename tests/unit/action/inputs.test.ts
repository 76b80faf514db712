import { describe, expect, test } from 'vitest'
import { linesToMask, readInputs } from '../../../src/action/inputs.js'

/** The words of the command line for inputs of the Action. */
function wordsOf(inputs: Record<string, string>): readonly string[] {
  const call = readInputs(variables(inputs))
  if (!call.ok) throw new Error(call.problems[0]?.message)
  return [call.value.command, ...call.value.words]
}

function variables(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
}

describe('the inputs of the Action', () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, ['run']],
    [{ command: '', branch: '', arguments: '', config: '', reason: '' }, ['run']],
    [{ branch: ' DPTA-1 ' }, ['run', '--', 'DPTA-1']],
    [{ branch: '--dry-run' }, ['run', '--', '--dry-run']],
    [{ command: 'cancel', branch: '--' }, ['cancel', '--', '--']],
    [{ config: '--sandbox', branch: 'x' }, ['run', '--config=--sandbox', '--', 'x']],
    [{ command: 'invalidate', reason: '--json' }, ['invalidate', '--reason=--json']],
    [{ arguments: '--timeout=5h\n\n --no-status \r\n' }, ['run', '--timeout=5h', '--no-status']],
    [{ arguments: '--timeout 5h' }, ['run', '--timeout 5h']],
  ])('%j become the words %j', (inputs, words) => {
    expect(wordsOf(inputs)).toEqual(words)
  })

  test('become the variables with which the command logs in, and are removed', () => {
    const read = (inputs: Record<string, string>): unknown => {
      const call = readInputs({ GH_TOKEN: 'of-the-step', ORCH_APP_ID: '9', ...variables(inputs) })
      return call.ok ? call.value.env : call.problems
    }
    expect(read({})).toMatchObject({ GH_TOKEN: 'of-the-step', ORCH_APP_ID: '9' })
    expect(read({ token: 'given' })).toEqual({ GH_TOKEN: 'given', GH_ENTERPRISE_TOKEN: 'given' })
    expect(read({ 'app-id': '7', 'private-key': 'key' })).toEqual({
      GH_TOKEN: 'of-the-step',
      ORCH_APP_ID: '7',
      ORCH_APP_PRIVATE_KEY: 'key',
      'INPUT_APP-ID': '7',
    })
  })

  test('are masked line by line, without the lines that every key has', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\r\nab==\nfWq0aZ1x9\n-----END RSA PRIVATE KEY-----\n'
    expect(linesToMask(variables({ token: 'ghs_12345678', 'private-key': key }))).toEqual([
      'ghs_12345678',
      'MIIEowIBAAKCAQEA',
      'fWq0aZ1x9',
    ])
    expect(linesToMask(variables({ 'private-key': key.replaceAll('\n', String.raw`\n`) }))).toHaveLength(2)
    expect(linesToMask({})).toEqual([])
  })
})
