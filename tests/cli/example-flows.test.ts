import { cp } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createFlowClient } from '../../src/client/index.js'
import { openFlowFolder } from '../support/flow-folder.js'

const examples = resolve(import.meta.dirname, '../../examples/flows')

test('the example of a handoff builds a tag and announces it in a second flow, with the notes', async () => {
  await using folder = await openFlowFolder()
  await cp(`${examples}/handoff`, folder.directory, { recursive: true })
  const client = createFlowClient({ mode: 'local', cwd: folder.directory })
  await client.dispatchEvent({
    id: 'tag:v1.2.3',
    type: 'source.tagged',
    source: 'patch',
    payload: { tag: 'v1.2.3' },
    context: { files: [{ name: 'notes.md', content: 'The build is faster.\n' }] },
  })
  const runs = await client.listRuns()
  expect(runs.map(({ flow, effectiveStatus, result }) => [flow, effectiveStatus, result?.message]).toSorted()).toEqual([
    ['announce', 'completed', 'v1.2.3 is out. The build is faster.'],
    ['build', 'changed', 'built v1.2.3'],
  ])
})

test('the example of a release names the repositories that it tells, and refuses a payload without a tag', async () => {
  const client = createFlowClient({ mode: 'local', cwd: `${examples}/release` })
  const { event, runs } = await client.dispatchEvent({
    id: 'e1',
    type: 'upstream.release',
    source: 'patch',
    payload: { repo: 'openai/codex' },
  })
  expect([runs, event.unmatched]).toEqual([[], expect.stringContaining("payload must have required property 'tag'")])
})
