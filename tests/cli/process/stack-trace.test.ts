import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mapStackTrace } from '../../../src/cli/process/stack-trace.js'
import { runBuilt } from '../support/built-command.js'
import { WorkFolder } from '../support/work-folder.js'

test('a bug report shows positions in the sources, not in the bundle', async () => {
  await using folder = await WorkFolder.open()
  const spy = join(folder.path, 'spy.cjs')
  await writeFile(spy, `Date.now = () => { throw new Error('the clock is broken') }`)
  const { code, stderr } = await runBuilt(['list'], { cwd: folder.path, env: { NODE_OPTIONS: `--require ${spy}` } })
  expect(code).toBe(1)
  expect(stderr).toContain('internal error: the clock is broken')
  expect(stderr).toMatch(/src\/cli\/commands\/list\.ts:\d+:\d+/u)
  expect(stderr).toMatch(/src\/cli\/run-program\.ts:\d+:\d+/u)
  expect(stderr).not.toContain('/dist/')
  expect(stderr).not.toContain('file:')
})

test('a position without a source map stays unchanged', () => {
  const stack =
    'Error: x\n    at main (/somewhere/else.js:1:2)\n    at async file:///some%20where/else.js:3:4\n    at node:internal/main:3:4'
  expect(mapStackTrace(stack)).toBe(stack)
})
