import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBuilt } from '../support/built-command.js'
import { settings } from '../support/settings.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

/** No server listens on this port. */
const host = '127.0.0.2:8443'

/** Puts a `gh` first on the PATH that records its arguments, then runs this script. */
async function withGh(folder: WorkFolder, script: string): Promise<Record<string, string>> {
  const programs = join(folder.path, 'programs')
  await mkdir(programs)
  await writeFile(join(programs, 'gh'), `#!/bin/sh\necho "$@" >> "${folder.path}/gh-calls"\n${script}\n`)
  await chmod(join(programs, 'gh'), 0o755)
  return { GH_HOST: host, PATH: `${programs}:${settings(folder.path)['PATH'] ?? ''}` }
}

test.concurrent('the token of `gh auth token` for the host is used where no variable holds one', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  const env = await withGh(folder, 'echo ghp_canary')
  const { code, stdout, stderr } = await runBuilt(['plan', 'DPTA-1', '--verbose'], { cwd: folder.path, env })
  expect(await readFile(join(folder.path, 'gh-calls'), 'utf8')).toBe(`auth token --hostname ${host}\n`)
  expect(stderr).toContain(`there is no connection to ${host} (ECONNREFUSED)`)
  expect(stdout + stderr).not.toContain('canary')
  expect(code).toBe(1)
})

test.concurrent('a gh that is not logged in provides no token, and its output is not repeated', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  const env = await withGh(folder, 'echo "no oauth token found" >&2; exit 1')
  const { code, stdout, stderr } = await runBuilt(['plan', 'DPTA-1'], { cwd: folder.path, env })
  expect(stderr).toContain(`error: there is no token for ${host}`)
  expect(stderr).not.toContain('oauth')
  expect(stdout).toBe('')
  expect(code).toBe(4)
})
