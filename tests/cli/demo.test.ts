import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { runBuilt, startBuilt } from './support/built-command.js'
import { WorkFolder } from './support/work-folder.js'

test.concurrent('orch demo runs to its end: merges are refused while locked and accepted when unlocked, and nothing is left behind', async () => {
  await using folder = await WorkFolder.open()
  const before = await readdir(folder.path)
  const { code, stdout, stderr } = await runBuilt(['demo'], {
    cwd: folder.path,
    env: { ORCH_CONFIG: 'no-such-file.yaml' },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const merges = [...stdout.matchAll(/> PUT \/repos\/ismenablement\/(\w+)\/pulls\/1\/merge\n< (\d+) (.*)/gu)]
  expect(merges.map(([, name, status]) => `${name} ${status}`)).toEqual([
    'repoB 405',
    'repoD 405',
    'repoB 405',
    'repoD 405',
    'repoB 200',
    'repoD 200',
  ])
  for (const [, , status, message] of merges.filter(([, , status]) => status === '405'))
    expect(`${status} ${message}`).toContain('orchestrator-build')
  expect(
    [...stdout.matchAll(/^\$ orch (\w+) .*\n(?:(?!\$ ).*\n)*?\(exit code (\d)\)$/gmu)].map(([, ...words]) =>
      words.join(' '),
    ),
  ).toEqual(['run 0', 'status 0', 'invalidate 0', 'run 1', 'run 0'])
  expect(await readdir(folder.path)).toEqual(before)
})

test.concurrent('orch demo leaves nothing behind when it is interrupted, and exits 130', async () => {
  await using folder = await WorkFolder.open()
  const before = await readdir(folder.path)
  await using demo = startBuilt(['demo'], { cwd: folder.path })
  await demo.until(/git clone/u)
  demo.signal('SIGTERM')
  const { code, signal, stderr } = await demo.ended
  expect({ code, signal, stderr }).toEqual({ code: 130, signal: null, stderr: '' })
  expect(await readdir(folder.path)).toEqual(before)
})
