import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import { exampleChange, seedFiles } from '../../../src/sandbox/seed.js'
import type { ExampleVariant } from '../../../src/sandbox/seed.js'
import { executionOf } from './world.js'
import type { TestExecution } from './world.js'

const owner = 'somebody'
const names = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']
const branch = 'DPTA-1122'
const jobs = names.map((name) => ({ job: name, repo: `${owner}/${name}` }))

let directory = ''
/** The repositories as each test finds them: to copy them takes less than to create them with git. */
let template = ''

const git = async (cwd: string, ...command: string[]): Promise<void> => {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'init.defaultBranch=main']
  const env = { PATH: process.env.PATH, HOME: directory, GIT_CONFIG_NOSYSTEM: '1' }
  await promisify(execFile)('git', [...identity, ...command], { cwd, env })
}

const write = async (folder: string, files: Record<string, string>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** Folder of the repositories, as `GITHUB_SERVER_URL/owner/name`. They have work trees; git clones them like bare repositories. */
const folderOf = (name: string): string => join(directory, 'server', owner, name)

const commit = async (name: string, files: Record<string, string>): Promise<void> => {
  await write(folderOf(name), files)
  await git(folderOf(name), 'add', '--all')
  await git(folderOf(name), 'commit', '--quiet', '--allow-empty', '--message', 'Change')
}

const hasBranch = async (name: string): Promise<boolean> => {
  const { stdout } = await promisify(execFile)('git', ['branch', '--list', branch], { cwd: folderOf(name) })
  return stdout !== ''
}

/** Pushes part of the example change to the branch of some repositories, and creates missing branches. */
const push = async (variant: ExampleVariant, repositories: string[]): Promise<void> => {
  const change = await exampleChange(variant)
  for (const name of repositories) {
    await git(folderOf(name), 'checkout', '--quiet', ...((await hasBranch(name)) ? [branch] : ['-b', branch]))
    await commit(name, change.find((part) => part.name === name)?.files ?? {})
    await git(folderOf(name), 'checkout', '--quiet', 'main')
  }
}

const merge = (name: string): Promise<void> => git(folderOf(name), 'merge', '--quiet', branch)

const build = async (name: string, ref: string): Promise<{ conclusion: string; log: string }> => {
  const checkout: TestExecution['checkout'] = ({ directory: into }) =>
    git(into, 'clone', '--quiet', '--branch', ref, folderOf(name), '.')
  const { stdout } = await promisify(execFile)('git', ['show', `${ref}:.github/workflows/build.yml`], {
    cwd: folderOf(name),
  })
  const serverUrl = pathToFileURL(join(directory, 'server')).href
  const execution = executionOf(stdout, { repo: `${owner}/${name}`, ref: `refs/heads/${ref}`, serverUrl, checkout })
  const { conclusion } = await createProcessExecutor({ workDirectory: join(directory, 'work') }).execute(execution)
  return { conclusion, log: execution.logOf().join('\n') }
}

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'orch-examples-'))
  for (const { repo, files } of await seedFiles(jobs)) {
    const folder = join(template, repo)
    await mkdir(folder, { recursive: true })
    await git(folder, 'init', '--quiet')
    await write(folder, files)
    await git(folder, 'add', '--all')
    await git(folder, 'commit', '--quiet', '--message', 'First version')
  }
})

afterAll(() => rm(template, { recursive: true, force: true }))

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-examples-'))
  await cp(template, join(directory, 'server'), { recursive: true })
})

afterEach(() => rm(directory, { recursive: true, force: true }))

describe('example repositories', () => {
  test('example repositories all build on their default branches', async () => {
    for (const name of names) expect(await build(name, 'main')).toMatchObject({ conclusion: 'success' })
  })

  test.each([
    ['repoB', /Not an amount of cents: \{"cents":900,"currency":"CHF"\}/],
    ['repoD', /Not an amount of cents: undefined/],
  ])('half of the example change, in %s only, fails there and in repoE', async (name, reason) => {
    await push('change', [name, 'repoE'])
    const half = await build(name, branch)
    expect(half.conclusion).toBe('failure')
    expect(half.log).toMatch(reason)
    expect(await build('repoE', branch)).toMatchObject({ conclusion: 'failure' })
  })

  test('whole example change passes in repoB, repoD and repoE', async () => {
    await push('change', ['repoB', 'repoD', 'repoE'])
    for (const name of ['repoB', 'repoD', 'repoE']) {
      const whole = await build(name, branch)
      expect(whole.conclusion).toBe('success')
      expect(whole.log).toContain(name === 'repoB' ? `repoD is built from ${branch}` : `repoB is built from ${branch}`)
    }
  })

  test('default branches of the examples build when both halves of the change are merged, but not with one half', async () => {
    await push('change', ['repoB', 'repoD'])
    await merge('repoB')
    expect(await build('repoE', 'main')).toMatchObject({ conclusion: 'failure' })
    await merge('repoD')
    expect(await build('repoE', 'main')).toMatchObject({ conclusion: 'success' })
  })

  test('broken example build ends with exit 1 and the fixed one passes', async () => {
    await push('change', ['repoB', 'repoD'])
    await push('broken', ['repoB'])
    const broken = await build('repoB', branch)
    expect(broken.conclusion).toBe('failure')
    expect(broken.log).toContain('##[error]Process completed with exit code 1.')
    expect(broken.log).toContain('ask sales for a new one')
    await push('fixed', ['repoB'])
    expect(await build('repoB', branch)).toMatchObject({ conclusion: 'success' })
  })
})

describe('seedFiles', () => {
  test('seedFiles returns each repository of a graph once, with the workflows that its jobs name', async () => {
    const files = await seedFiles([
      { job: 'x', repo: 'acme/x' },
      { job: 'x-slow', repo: 'acme/x', workflow: 'slow.yml' },
      ...jobs,
    ])
    expect(files.map(({ repo }) => repo)).toEqual(['acme/x', ...jobs.map(({ repo }) => repo)])
    expect(Object.keys(files[0]?.files ?? {})).toEqual([
      'README.md',
      '.github/workflows/build.yml',
      '.github/workflows/slow.yml',
    ])
    expect(Object.keys(files[1]?.files ?? {})).toContain('money.js')
  })

  test('seedFiles gives a repository whose job sends an event a workflow that waits for it', async () => {
    const [docs] = await seedFiles([{ job: 'docs', repo: 'acme/docs', workflow: '', eventType: 'lib: built' }])
    expect(Object.keys(docs?.files ?? {})).toEqual(['README.md', '.github/workflows/receive-docs.yml'])
    const workflow = docs?.files['.github/workflows/receive-docs.yml'] ?? ''
    expect(parse(workflow)).toMatchObject({ on: { repository_dispatch: { types: ['lib: built'] } } })
    expect(workflow).toContain('github.event.client_payload.orch_id')
  })

  test('seedFiles turns an example without its dependencies into a repository that builds alone', async () => {
    const [lonely] = await seedFiles([{ job: 'b', repo: 'acme/repoB' }])
    const text = lonely?.files['.github/workflows/build.yml'] ?? ''
    const execution = executionOf(text, { files: lonely?.files ?? {} })
    const executor = createProcessExecutor({ workDirectory: join(directory, 'work') })
    expect(await executor.execute(execution)).toEqual({ conclusion: 'success' })
  })
})
