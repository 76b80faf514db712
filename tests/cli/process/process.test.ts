import { existsSync } from 'node:fs'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runBuilt, startBuilt } from '../support/built-command.js'
import { branch, LocalGitHub } from '../support/local-github.js'
import { startSandboxCommand } from '../support/running-sandbox.js'
import { shell } from '../support/shell.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

const change = fileURLToPath(new URL(`../../../examples/changes/${branch}/change`, import.meta.url))
const run = ['run', branch, '--sandbox']

/** The maximum time a command may take to end after a signal, ms: GitHub kills a cancelled CI job after ten seconds. */
const maximumEndMs = 5_000

test('the printed sandbox instructions alone let half of a change fail with its step, and the whole pass and merge', async () => {
  await using folder = await WorkFolder.open()
  await using server = await startSandboxCommand(folder)
  const { token, clone, push, openPull, merge } = server.instructions
  const follow = (line: string, name: string): Promise<string> =>
    shell(folder.path, `${token}\n${line.replaceAll('repoB', name)}`)
  const open = async (name: string): Promise<void> => {
    await follow(clone, name)
    await cp(join(change, name), join(folder.path, name), { recursive: true })
    await shell(join(folder.path, name), 'git add --all')
    await follow(push, name)
    expect(JSON.parse(await follow(openPull, name))).toMatchObject({ number: 1, state: 'open' })
  }

  await open('repoB')
  const half = await runBuilt(run, { cwd: folder.path })
  expect(half).toMatchObject({ code: 1, stderr: '' })
  expect(half.stdout).toMatch(/repoB +failed at +build \/ Test +http:\/\/127\.0\.0\.1:/u)
  expect(half.stdout).toMatch(/repoB +\| .*Not an amount of cents/u)
  const refused = await follow(merge, 'repoB')
  expect(refused).toContain('orchestrator-build')
  expect(JSON.parse(refused)).not.toHaveProperty('merged')

  await open('repoD')
  const whole = await runBuilt(run, { cwd: folder.path })
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  for (const name of ['repoA', 'repoC', 'repoE'])
    expect(whole.stdout).toMatch(new RegExp(`${name} +skipped .*no branch ${branch}`, 'u'))
  for (const name of ['repoB', 'repoD']) expect(JSON.parse(await follow(merge, name))).toMatchObject({ merged: true })
})

describe('a signal during a build', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s during a build cancels the run on GitHub, posts error and ends with 130 within five seconds',
    async (signal) => {
      await using folder = await WorkFolder.open(oneJobGraph)
      await using github = await LocalGitHub.open(folder, 'sleep 600')
      await using command = startBuilt(run, { cwd: folder.path })
      await github.building(command)
      const deadline = AbortSignal.timeout(maximumEndMs)
      command.signal(signal)
      const exit = await command.ended
      expect(deadline.aborted).toBe(false)
      expect(exit).toMatchObject({ code: 130, signal: null, stderr: '' })
      expect(exit.stdout).toContain(`interrupted by ${signal}; its runs were cancelled`)
      await github.sandbox.admin.idle()
      expect(github.conclusions()).toEqual(['cancelled'])
      expect(github.states()).toEqual(['pending', 'error'])
    },
  )

  test('a second signal during a build ends the command at once, even if GitHub has not answered', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    await using command = startBuilt(run, { cwd: folder.path })
    await github.building(command)
    github.sandbox.faults.add({ method: 'POST', action: { kind: 'hang' } })
    command.signal('SIGINT')
    await command.until(/cancelling/u)
    command.signal('SIGINT')
    expect(await command.ended).toMatchObject({ code: 130, signal: null, stderr: '' })
    expect(command.stdout()).not.toMatch(/cancelled/u)
    expect(github.states()).toEqual(['pending'])
  })

  test('a build that the command runs itself, without a server, does not outlive it', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const processId = join(folder.path, 'process-id')
    await using github = await LocalGitHub.open(folder, `echo $$ > ${processId}; exec sleep 600`)
    // The sandbox state remains, so that the command serves it itself.
    await github.sandbox.close()
    await using command = startBuilt(run, { cwd: folder.path })
    await github.building(command)
    command.signal('SIGTERM')
    expect(await command.ended).toMatchObject({ code: 130, signal: null, stderr: '' })
    if (existsSync(processId)) {
      const id = Number(await readFile(processId, 'utf8'))
      expect(() => process.kill(id, 0)).toThrow(/ESRCH/u)
    }
    expect(await readdir(join(folder.sandbox, 'work'))).toEqual([])
    expect(await readdir(folder.sandbox)).not.toContain('lock')
  })
})

test('a reader that closes stdout early neither stops the command nor makes it fail', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, 'echo built')
  await using command = startBuilt(run, { cwd: folder.path })
  await command.until(/\n/u)
  command.closeStdout()
  expect(await command.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(github.states()).toEqual(['pending', 'success'])
})

test('the current git branch of the working directory is the change where no branch is named', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, 'echo built')
  await shell(folder.path, `git init --quiet && git symbolic-ref HEAD refs/heads/${branch}`)
  const plan = await runBuilt(['plan', '--sandbox', '--json'], { cwd: folder.path })
  expect(plan).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(plan.stdout)).toMatchObject({ branch })
  const isRead = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'GET' || path.endsWith('/graphql')
  expect(github.sandbox.requests.every(isRead)).toBe(true)
})
