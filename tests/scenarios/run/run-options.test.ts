import { chmod, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const isStatusPost = (write: string): boolean => write.includes('/statuses/')

async function changeInBAndD(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.change('repoD', 'DPTA-1')
  return scene
}

describe('--dry-run and plan', () => {
  test.each(['plan DPTA-1', 'run DPTA-1 --dry-run', 'plan DPTA-1 --json', 'run DPTA-1 --dry-run --json'])(
    'orch %s writes nothing, neither to GitHub nor to disk',
    async (command) => {
      await using scene = await changeInBAndD()
      const { code, stdout, stderr } = await scene.orch(command)
      expect(code).toBe(0)
      expect(stdout).not.toBe('')
      expect(stderr).toBe('')
      expect(scene.writes()).toEqual([])
      expect(await scene.files()).toEqual([])
    },
  )

  test('orch plan shows the order, the jobs that run, the skipped jobs with their reasons, and the pull requests to unlock', async () => {
    await using scene = await changeInBAndD()
    const { stdout, outputLines } = await scene.orch('plan DPTA-1')
    const steps = outputLines.filter((line) => line.startsWith('Step'))
    expect(steps).toEqual(['Step 1', 'Step 2, 2 in parallel', 'Step 3'])
    expect(stdout).toMatch(/repoA +skip +acme\/repoA has no branch DPTA-1/u)
    expect(stdout).toMatch(/repoB +run +[0-9a-f]{7} +build\.yml +after repoA/u)
    for (const address of ['http://127.0.0.1:9/acme/repoB/pull/1', 'http://127.0.0.1:9/acme/repoD/pull/1'])
      expect(stdout).toContain(address)
  })

  test('orch plan and orch run --dry-run print the same', async () => {
    await using scene = await changeInBAndD()
    expect((await scene.orch('run DPTA-1 --dry-run')).stdout).toBe((await scene.orch('plan DPTA-1')).stdout)
  })

  test('orch plan --json prints one versioned document', async () => {
    await using scene = await changeInBAndD()
    const { stdout } = await scene.orch('plan DPTA-1 --json')
    const document = JSON.parse(stdout) as {
      jobs: { job: string; action: string }[]
      unlocks: { repository: string }[]
    }
    expect(document).toMatchObject({ version: 2, branch: 'DPTA-1' })
    expect(document.jobs.map(({ job, action }) => `${job} ${action}`)).toEqual([
      'repoA skip',
      'repoB run',
      'repoC skip',
      'repoD run',
      'repoE skip',
    ])
    expect(document.unlocks.map(({ repository }) => repository)).toEqual(['acme/repoB', 'acme/repoD'])
  })

  test('orch plan is refused for the same reasons as orch run', async () => {
    await using scene = await changeInBAndD()
    await scene.push('repoB', 'DPTA-1', { '.github/workflows/build.yml': null })
    const plan = await scene.orch('plan DPTA-1')
    const run = await scene.orch('run DPTA-1')
    expect([plan.code, run.code]).toEqual([1, 1])
    expect(plan.stderr).toBe(run.stderr)
  })
})

describe('flags of orch run', () => {
  test('--no-status builds and posts nothing', async () => {
    await using scene = await changeInBAndD()
    const { code, stdout } = await scene.orch('run DPTA-1 --no-status')
    expect(code).toBe(0)
    expect(scene.dispatches()).toHaveLength(2)
    expect(scene.writes().filter(isStatusPost)).toEqual([])
    expect(stdout).toContain('no status was posted')
  })

  test('--only runs one job, which leaves its own status, and unlocks nothing while another job is not fresh', async () => {
    await using scene = await changeInBAndD()
    const { code, stdout } = await scene.orch('run DPTA-1 --only repoD')
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoD build.yml@DPTA-1'])
    expect(scene.posts()).toEqual([])
    expect(scene.posts('orchestrator-build/repoD')).toEqual(['success repoD'])
    expect(stdout).toContain('With --only nothing is unlocked')
  })

  test('--only with a failing build exits 1', async () => {
    await using scene = await changeInBAndD()
    scene.builds.script('acme/repoD').concludes('failure')
    expect((await scene.orch('run DPTA-1 --only repoD')).code).toBe(1)
  })

  test.each([
    ['a job that the graph does not have', 'repoX', '--only repoX names no job of the graph file'],
    ['a job without the branch', 'repoA', '--only repoA names a job whose repository has no branch DPTA-1'],
  ])('--only with %s exits 2', async (_, job, message) => {
    await using scene = await changeInBAndD()
    const { code, stderr } = await scene.orch(`run DPTA-1 --only ${job}`)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain('repoB, repoD')
    expect(scene.writes()).toEqual([])
  })

  test.each(['--timeout soon', '--timeout 0', '--max-parallel 0', '--max-parallel two', '--bogus', 'DPTA-2'])(
    'orch run DPTA-1 %s exits 2',
    async (flags) => {
      await using scene = await changeInBAndD()
      const { code, stderr, stdout } = await scene.orch(`run DPTA-1 ${flags}`)
      expect(code).toBe(2)
      expect(stderr).toContain('error:')
      expect(stdout).toBe('')
      expect(scene.sandbox.requests).toEqual([])
    },
  )

  test('--json prints one event per line, and nothing else', async () => {
    await using scene = await changeInBAndD()
    const { code, stdout } = await scene.orch('run DPTA-1 --json')
    expect(code).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { version: number; type: string })
    expect(events[0]).toMatchObject({ version: 2, type: 'started', branch: 'DPTA-1' })
    expect(events.at(-1)).toMatchObject({ version: 2, type: 'finished', outcome: 'succeeded' })
  })

  test('--verbose shows each request with its status and the remaining rate limit on stderr', async () => {
    await using scene = await changeInBAndD()
    const { stdout, stderr } = await scene.orch('run DPTA-1 --verbose')
    expect(stderr).toMatch(
      /POST .*\/repos\/acme\/repoB\/actions\/workflows\/build\.yml\/dispatches {2}200 .*\d+ of \d+ left/u,
    )
    const lines = stderr.split('\n').filter((line) => line.includes('POST'))
    expect(lines.filter((line) => !line.includes('/graphql'))).toHaveLength(scene.writes().length)
    expect(stdout).not.toContain('POST')
  })

  test('--config and ORCH_CONFIG name another graph file, and --config takes precedence', async () => {
    await using scene = await changeInBAndD()
    const narrow = exampleGraph.replace('DPTA-*', 'OTHER-*')
    await writeFile(join(scene.directory, 'narrow.yaml'), narrow)
    expect((await scene.orch('plan DPTA-1 --config narrow.yaml')).code).toBe(2)
    expect((await scene.orch('plan DPTA-1', { env: { ORCH_CONFIG: 'narrow.yaml' } })).code).toBe(2)
    const both = await scene.orch('plan DPTA-1 --config orchestrator.yaml', { env: { ORCH_CONFIG: 'narrow.yaml' } })
    expect(both.code).toBe(0)
  })
})

describe('journal', () => {
  test('the journal holds every event, one JSON object per line, readable by its owner only', async () => {
    await using scene = await changeInBAndD()
    await scene.orch('run DPTA-1')
    const { path, text } = await scene.journal()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(text.endsWith('\n')).toBe(true)
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type?: string })
    const types = events.map(({ type }) => type)
    expect(types[1]).toBe('started')
    expect(types.at(-1)).toBe('finished')
    expect(types.filter((type) => type === 'dispatch-requested')).toHaveLength(2)
  })

  test('the journal holds the intent before the request is sent', async () => {
    await using scene = await changeInBAndD()
    const intents: number[] = []
    const count = async (): Promise<void> => {
      const { text } = await scene.journal()
      intents.push(text.split('"dispatch-requested"').length - 1)
    }
    for (let dispatch = 0; dispatch < 2; dispatch += 1) scene.before('POST', /dispatches$/u, count)
    await scene.orch('run DPTA-1')
    expect(intents[0]).toBeGreaterThanOrEqual(1)
    expect(intents[1]).toBe(2)
  })

  test('a journal that cannot be created stops the run with a clear error, and nothing is dispatched or posted', async () => {
    await using scene = await changeInBAndD()
    await writeFile(join(scene.directory, '.orch'), 'in the way')
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('cannot be written')
    expect(stderr).toContain('so nothing was started')
    expect(scene.writes()).toEqual([])
  })

  test('the journal is in a folder that git ignores', async () => {
    await using scene = await changeInBAndD()
    await scene.orch('run DPTA-1')
    expect(await scene.files()).toContain(join('.orch', '.gitignore'))
    await chmod(scene.directory, 0o700)
  })
})

describe('token', () => {
  test('the token never appears in the output or on disk, not even with --verbose', async () => {
    await using scene = await changeInBAndD()
    scene.builds.script('acme/repoD').concludes('failure', { log: ['a line'] })
    const { token } = scene.sandbox
    const run = await scene.orch('run DPTA-1 --verbose')
    const invalidation = await scene.orch('invalidate --verbose --json')
    const status = await scene.orch('status DPTA-1 --verbose')
    const { text } = await scene.journal()
    const bodies = JSON.stringify(scene.sandbox.requests)
    for (const { stdout, stderr } of [run, invalidation, status]) {
      expect(stderr).not.toBe('')
      expect(stdout + stderr).not.toContain(token)
    }
    expect(text).not.toContain(token)
    expect(bodies).not.toContain(token)
  })
})
