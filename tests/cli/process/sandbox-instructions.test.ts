import { expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { sandboxInstructions } from '../../../src/cli/output/sandbox-instructions.js'
import { exampleGraph } from '../../support/example-graph.js'
import { readInstructions } from '../support/instructions.js'

const parsed = parseGraphFile(exampleGraph)
if (!parsed.ok) throw new Error('the example graph has errors')
const place = { graph: parsed.graph, sandboxDirectory: '/tmp/sandbox', url: 'http://127.0.0.1:1', token: 'a-token' }

test('the embedded GitHub alone is used with orch run', () => {
  const text = sandboxInstructions({ ...place, service: null })
  expect(text).toContain('  build       orch run DPTA-1122 --sandbox\n')
  expect(text).not.toContain('dashboard')
  expect(readInstructions(text).url).toBe(place.url)
})

test('with a service the instructions name its comments, and end with the link to the dashboard', () => {
  const loginUrl = 'http://127.0.0.1:2/login?key=k'
  const text = sandboxInstructions({ ...place, service: { loginUrl, quietMs: 5_000 } })
  expect(text).not.toContain('orch run')
  expect(text).toMatch(/ {2}comment {5}curl -X POST http:\/\/127\.0\.0\.1:1\/repos\/\S+\/issues\/1\/comments /u)
  expect(text).toContain('after 5 seconds without another push')
  expect(text.trimEnd().split('\n').slice(-3)).toEqual([`  dashboard   ${loginUrl}`, '', 'Ctrl-C stops it.'])
})
