import { describe, expect, test } from 'vitest'
import { stamp } from '../../src/app/setup/templates.js'
import type { SetupJson } from '../../src/model/wire/setup.js'
import { createSchemaCheck } from '../report/support/schemas.js'
import { Scene } from '../support/scene.js'
import type { SceneCommandOptions } from '../support/scene.js'

const repositories = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']
const folder = '.github/workflows'
const remote = 'http://127.0.0.1:9/acme/tools.git\n'

/** Five repositories, of which repoC has neither a build nor the ruleset, and the repository of the graph file. */
async function open(): Promise<Scene> {
  const scene = await Scene.open({ unprotected: ['repoC'] })
  await scene.sandbox.admin.createRepository('acme/tools')
  await scene.push('tools', 'main', { 'README.md': '# tools\n' })
  await scene.push('repoC', 'main', { [`${folder}/build.yml`]: null })
  return scene
}

interface SetUp {
  code: number
  /** `repoC: add build.yml, add invalidate.yml, ruleset create: planned` */
  repositories: string[]
}

async function setUp(scene: Scene, words: string, options: SceneCommandOptions = {}): Promise<SetUp> {
  const { code, stdout, stderr } = await scene.orch(`setup --json ${words}`, { remote, ...options })
  expect(stderr).toBe('')
  const document = JSON.parse(stdout) as SetupJson
  expect(createSchemaCheck('setup')(document)).toEqual([])
  const lines = document.repositories.map(({ repository, files, ruleset, result }) => {
    const steps = files.map(({ path, step }) => `${step} ${path.replace(`${folder}/`, '')}`)
    return `${repository.replace('acme/', '')}: ${[...steps, `ruleset ${ruleset ?? '?'}`].join(', ')}: ${result}`
  })
  return { code, repositories: lines }
}

/** Numbers of the open pull requests, by repository. */
function openPulls(scene: Scene): Record<string, number> {
  const pulls = [...repositories, 'tools'].flatMap((name) =>
    [1, 2, 3].flatMap((number) => {
      try {
        return scene.sandbox.admin.pull(`acme/${name}`, number).state === 'open' ? [[name, number] as const] : []
      } catch {
        return []
      }
    }),
  )
  return Object.fromEntries(pulls)
}

async function mergeAll(scene: Scene): Promise<void> {
  for (const [name, number] of Object.entries(openPulls(scene))) {
    if (name !== 'tools') expect((await scene.orch(`pass --pull-request acme/${name}#${number}`)).code).toBe(0)
    expect(await scene.merge(name, number)).toBeNull()
  }
}

/** The workflow files of the default branch, and the names of the rulesets. */
async function state(scene: Scene, name: string): Promise<string[]> {
  const read = async (path: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${scene.sandbox.token}` }
    const answer = await scene.sandbox.fetch(new Request(`http://127.0.0.1:9/repos/acme/${name}/${path}`, { headers }))
    return answer.json()
  }
  const [files, rulesets] = await Promise.all([read(`contents/${folder}`), read('rulesets')])
  const names = (list: unknown): string[] =>
    Array.isArray(list) ? (list as { name: string }[]).map((each) => each.name) : []
  return [...names(files), ...names(rulesets)]
}

const wanted = [
  'repoA: own build.yml, add invalidate.yml, ruleset present: planned',
  'repoB: own build.yml, add invalidate.yml, ruleset present: planned',
  'repoC: add build.yml, add invalidate.yml, ruleset create: planned',
  'repoD: own build.yml, add invalidate.yml, ruleset present: planned',
  'repoE: own build.yml, add invalidate.yml, ruleset present: planned',
  // Its pull requests are never unlocked by orch.
  'tools: add orchestrate.yml, add orchestrate-invalidate.yml, ruleset absent: planned',
]

describe('orch setup', () => {
  test('with --dry-run shows what is missing, and writes nothing', async () => {
    await using scene = await open()
    expect(await setUp(scene, '--dry-run')).toEqual({ code: 0, repositories: wanted })
    const { code, stdout } = await scene.orch('setup --dry-run', { remote })
    expect(code).toBe(0)
    expect(stdout).toContain('acme/repoC\n  .github/workflows/build.yml: add\n    +# Made by orch setup')
    expect(stdout).toContain('  ruleset orchestrator-build on main: create')
    expect(scene.writes()).toEqual([])
  })

  test('with --yes opens one pull request for each repository and creates the rulesets; again it changes nothing', async () => {
    await using scene = await open()
    const done = await setUp(scene, '--yes')
    expect(done).toEqual({ code: 0, repositories: wanted.map((line) => line.replace('planned', 'done')) })
    expect(openPulls(scene)).toEqual({ repoA: 1, repoB: 1, repoC: 1, repoD: 1, repoE: 1, tools: 1 })
    expect(await state(scene, 'repoC')).toEqual(['orchestrator-build'])
    const before = scene.writes().length
    const again = await setUp(scene, '--yes')
    expect(again.code).toBe(0)
    expect(again.repositories[2]).toBe('repoC: proposed build.yml, proposed invalidate.yml, ruleset present: unchanged')
    expect(again.repositories.every((line) => line.endsWith(': unchanged'))).toBe(true)
    expect(scene.writes().slice(before)).toEqual([])
  })

  test('leaves nothing to do once its pull requests are merged, and orch doctor finds the workflow and the ruleset', async () => {
    await using scene = await open()
    expect((await scene.orch('doctor')).code).toBe(1)
    await setUp(scene, '--yes')
    await mergeAll(scene)
    const { repositories: lines } = await setUp(scene, '--yes')
    expect(lines[2]).toBe('repoC: present build.yml, present invalidate.yml, ruleset present: unchanged')
    expect(lines.every((line) => line.endsWith(': unchanged'))).toBe(true)
    expect((await scene.orch('doctor')).code).toBe(0)
  })

  test('asks at a terminal, and does nothing without a yes', async () => {
    await using scene = await open()
    const terminal = { columns: 80, rows: 24 }
    const declined = await scene.orch('setup', { remote, terminal, answer: '' })
    expect(declined.code).toBe(0)
    expect(declined.stderr).toContain('Do this? [y/N] ')
    expect(declined.stderr).toContain('Nothing was changed.')
    expect(scene.writes()).toEqual([])
    const accepted = await scene.orch('setup', { remote, terminal, answer: 'y' })
    expect(accepted.code).toBe(0)
    expect(accepted.stdout.replace(/\s+/gu, ' ')).toContain('orch pass --pull-request acme/repoA#1 unlocks one.')
    expect(Object.keys(openPulls(scene))).toHaveLength(6)
  })

  test('refuses to change anything where nobody can be asked', async () => {
    await using scene = await open()
    const { code, stderr } = await scene.orch('setup', { remote })
    expect(code).toBe(2)
    expect(stderr).toContain('Add --yes to do it, or --dry-run to see it only.')
    expect((await scene.orch('setup --json', { remote })).code).toBe(2)
    expect((await scene.orch('setup --yes --orchestrator nowhere', { remote })).code).toBe(2)
    expect(scene.writes()).toEqual([])
  })

  test('sets up only builds and rulesets if it does not know the repository of the graph file', async () => {
    await using scene = await open()
    const { code, stdout, stderr } = await scene.orch('setup --json --dry-run')
    expect(code).toBe(0)
    expect(stderr).toContain('name it with --orchestrator')
    const { repositories: each } = JSON.parse(stdout) as SetupJson
    expect(each.map(({ files }) => files.length)).toEqual([1, 1, 1, 1, 1])
  })

  test.each([
    ['git@127.0.0.1:9:acme/tools.git', 0],
    ['https://gitlab.example/acme/tools.git', 0],
  ])('takes a remote of another server for no repository of this one: %s', async (url, code) => {
    await using scene = await open()
    const ended = await scene.orch('setup --json --dry-run', { remote: url })
    expect(ended.code).toBe(code)
    expect((JSON.parse(ended.stdout) as SetupJson).repositories).toHaveLength(5)
  })

  test('pins the ruleset to the App that is named', async () => {
    await using scene = await open()
    const { id } = await scene.sandbox.admin.createApp({
      name: 'Orch',
      owner: 'acme',
      permissions: { statuses: 'write' },
    })
    expect((await setUp(scene, '--yes --app orch')).code).toBe(0)
    const headers = { authorization: `Bearer ${scene.sandbox.token}` }
    const url = 'http://127.0.0.1:9/repos/acme/repoC/rules/branches/main'
    const rules = await (await scene.sandbox.fetch(new Request(url, { headers }))).json()
    expect(rules).toMatchObject([
      { parameters: { required_status_checks: [{ context: 'orchestrator-build', integration_id: id }] } },
    ])
    expect((await scene.orch('setup --yes --app nowhere', { remote })).code).toBe(1)
  })

  test('says which permission it lacks, with exit code 4', async () => {
    await using scene = await open()
    const grants = { metadata: 'read', contents: 'write', pull_requests: 'write', workflows: 'write' } as const
    const token = scene.sandbox.admin.createToken('somebody', { '*': grants })
    const { code, stdout } = await scene.orch('setup --yes', { remote, env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(4)
    expect(stdout).toContain('this token may not change rulesets in acme/repoC')
    expect(stdout).toContain('Administration: write')
  })

  test('continues where a failure ended it', async () => {
    await using scene = await open()
    const outage = { kind: 'respond' as const, status: 502 }
    scene.sandbox.faults.add({ method: 'POST', path: '/repos/acme/repoC/pulls', times: 1, action: outage })
    const first = await setUp(scene, '--yes')
    expect(first.code).toBe(1)
    expect(first.repositories[2]).toMatch(/: failed$/u)
    const second = await setUp(scene, '--yes')
    expect(second.code).toBe(0)
    expect(openPulls(scene)).toHaveProperty('repoC', 1)
  })

  test('is offered by orch doctor --fix', async () => {
    await using scene = await open()
    const { code, stdout, stderr } = await scene.orch('doctor --fix', { remote, answer: 'yes' })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toContain('ruleset orchestrator-build on main: create')
    expect(await state(scene, 'repoC')).toEqual(['orchestrator-build'])
    expect((await scene.orch('doctor --fix --json')).code).toBe(2)
  })
})

describe('what somebody has changed since', () => {
  test('is shown, and neither overwritten nor removed', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    await mergeAll(scene)
    const path = `${folder}/invalidate.yml`
    const text = (await scene.sandbox.admin.file('acme/repoB', 'main', path)) ?? ''
    const edited = text.replace('timeout-minutes: 15', 'timeout-minutes: 5')
    await scene.push('repoB', 'main', { [path]: `${edited}# \u001b[2J\n` })
    for (const words of ['setup --yes', 'setup --remove --yes']) {
      const { stdout } = await scene.orch(words, { remote })
      expect(stdout).toContain(`${path}: was edited since: it is left alone`)
      expect(stdout).toContain('    -    timeout-minutes: 15\n    +    timeout-minutes: 5\n')
      expect(stdout).not.toContain('\u001b')
    }
    expect(openPulls(scene)).not.toHaveProperty('repoB')
  })

  test('only by a newer orch or graph file is shown with what would change, and removed', async () => {
    await using scene = await open()
    const older = stamp('# Made by orch setup: locks the change.\non: pull_request\n')
    await scene.push('repoB', 'main', { [`${folder}/invalidate.yml`]: older })
    const { stdout } = await scene.orch('setup --yes', { remote })
    expect(stdout).toContain('invalidate.yml: is of an older orch or graph file: delete it to have it made again')
    expect(stdout).toContain('    -on: pull_request\n')
    expect(openPulls(scene)).not.toHaveProperty('repoB')
    const { repositories: lines } = await setUp(scene, '--remove --yes')
    expect(lines[1]).toBe('repoB: own build.yml, remove invalidate.yml, ruleset own: done')
  })

  test('in the ruleset is not removed with it', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    const headers = { authorization: `Bearer ${scene.sandbox.token}` }
    const url = 'http://127.0.0.1:9/repos/acme/repoC/rulesets'
    const list = await (await scene.sandbox.fetch(new Request(url, { headers }))).json()
    const [{ id } = { id: 0 }] = list as { id: number }[]
    const body = JSON.stringify({
      bypass_actors: [{ actor_type: 'OrganizationAdmin', actor_id: 1, bypass_mode: 'always' }],
    })
    await scene.sandbox.fetch(new Request(`${url}/${id}`, { method: 'PUT', headers, body }))
    const { repositories: lines } = await setUp(scene, '--remove --yes')
    expect(lines[2]).toContain('ruleset edited')
    expect(await state(scene, 'repoC')).toEqual(['orchestrator-build'])
  })

  test('in the build is expected: it is left alone without a word about it', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    await mergeAll(scene)
    const path = `${folder}/build.yml`
    const text = (await scene.sandbox.admin.file('acme/repoC', 'main', path)) ?? ''
    await scene.push('repoC', 'main', { [path]: text.replace('exit 1', 'make') })
    expect((await setUp(scene, '--yes')).repositories[2]).toContain('own build.yml')
    expect((await setUp(scene, '--remove --yes')).repositories[2]).toContain('own build.yml, remove invalidate.yml')
  })
})

describe('orch setup --remove', () => {
  test('undoes by pull requests what was merged, deletes the rulesets that it made, and again changes nothing', async () => {
    await using scene = await open()
    const before = await Promise.all([...repositories, 'tools'].map((name) => state(scene, name)))
    await setUp(scene, '--yes')
    await mergeAll(scene)
    const removed = await setUp(scene, '--remove --yes')
    expect(removed.code).toBe(0)
    expect(removed.repositories[0]).toBe('repoA: own build.yml, remove invalidate.yml, ruleset own: done')
    expect(removed.repositories[2]).toBe('repoC: remove build.yml, remove invalidate.yml, ruleset remove: done')
    const writes = scene.writes().length
    const again = await setUp(scene, '--remove --yes')
    expect(again.repositories[2]).toBe('repoC: proposed build.yml, proposed invalidate.yml, ruleset absent: unchanged')
    expect(scene.writes().slice(writes)).toEqual([])
    await mergeAll(scene)
    expect(await Promise.all([...repositories, 'tools'].map((name) => state(scene, name)))).toEqual(before)
    expect((await setUp(scene, '--remove --yes')).repositories[2]).toContain('absent build.yml')
  })

  test('closes the pull requests that were not merged, and deletes their branches', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    expect((await setUp(scene, '--remove --yes')).code).toBe(0)
    expect(openPulls(scene)).toEqual({})
    for (const name of [...repositories, 'tools'])
      expect(await scene.sandbox.admin.branch(`acme/${name}`, 'orch-setup')).toBeNull()
    expect(await state(scene, 'repoC')).toEqual([])
    expect(await state(scene, 'repoA')).toEqual(['build.yml', 'Require orchestrator-build'])
  })

  test('with --dry-run writes nothing', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    const writes = scene.writes().length
    const { code, stdout } = await scene.orch('setup --remove --dry-run', { remote })
    expect(code).toBe(0)
    expect(stdout).toContain('pull request #1: close')
    expect(scene.writes().slice(writes)).toEqual([])
  })

  test('is followed by a new setup', async () => {
    await using scene = await open()
    await setUp(scene, '--yes')
    await mergeAll(scene)
    await setUp(scene, '--remove --yes')
    await mergeAll(scene)
    expect((await setUp(scene, '--yes')).repositories[2]).toBe(
      'repoC: add build.yml, add invalidate.yml, ruleset create: done',
    )
    expect(openPulls(scene)).toHaveProperty('repoC')
  })
})
