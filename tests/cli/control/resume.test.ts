import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBuilt, startBuilt } from '../support/built-command.js'
import { branch, LocalGitHub } from '../support/local-github.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

test('an orchestration whose process was killed resumes where it was, and nothing is built twice', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  const released = join(folder.path, 'released')
  await using github = await LocalGitHub.open(folder, `until [ -f '${released}' ]; do sleep 0.05; done`)
  {
    await using killed = startBuilt(['run', branch, '--sandbox'], { cwd: folder.path })
    await github.building(killed)
    killed.signal('SIGKILL')
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
  }
  const [journal = ''] = await readdir(join(folder.path, '.orch', 'sandbox', 'orchestrations'))
  const id = journal.replace(/\..*$/u, '')

  const again = await runBuilt(['run', branch, '--sandbox'], { cwd: folder.path })
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain(`the orchestration ${id} of ${branch} is unfinished`)
  expect(again.stderr).toContain(`orch resume ${id}`)

  // An orchestration that began on the embedded GitHub must not be resumed against another server.
  const elsewhere = await runBuilt(['resume'], { cwd: folder.path })
  expect(elsewhere).toMatchObject({ code: 2, stdout: '' })
  expect(elsewhere.stderr).toContain('nothing to resume')

  await writeFile(released, '')
  await github.sandbox.admin.idle()
  const resumed = await runBuilt(['resume', '--sandbox'], { cwd: folder.path })
  expect(resumed).toMatchObject({ code: 0, stderr: '' })
  expect(resumed.stdout).toMatch(/resumed +orchestration/u)
  expect(github.conclusions()).toEqual(['success'])
  expect(github.states()).toEqual(['pending', 'success'])

  const finished = await runBuilt(['resume', id, '--sandbox'], { cwd: folder.path })
  expect(finished).toMatchObject({ code: 2, stdout: '' })
  expect(finished.stderr).toContain('is finished')
})
