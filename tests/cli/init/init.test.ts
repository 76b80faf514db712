import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { dispatchable, InitWorld } from './world.js'

/** The jobs of a graph file, each with its repository and needs. */
function jobsOf(text: string): Record<string, string> {
  const parsed = parseGraphFile(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
  expect(parsed.warnings).toEqual([])
  return Object.fromEntries(parsed.graph.jobs.map(({ id, repo, needs }) => [id, [repo, ...needs].join(' ')]))
}

const named = 'init --owner acme --repos shop,api,lib --yes'

describe('orch init with flags', () => {
  test('writes the graph that the files of the repositories suggest, and says from which lines', async () => {
    await using world = await InitWorld.withShop()
    const { code, stdout, stderr } = await world.orch(named)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot('./outputs/written.txt')
    await expect(await world.file()).toMatchFileSnapshot('./outputs/orchestrator.yaml.txt')
    expect(jobsOf(await world.file())).toEqual({
      lib: 'acme/lib',
      api: 'acme/api lib',
      shop: 'acme/shop api lib',
    })
    expect(await world.files()).toEqual(['orchestrator.schema.json', 'orchestrator.yaml'])
  })

  test('reads the repositories with two requests, and asks for nothing else', async () => {
    await using world = await InitWorld.withShop()
    world.sandbox.requests.length = 0
    await world.orch(named)
    expect(world.sandbox.requests.map(({ method, path, operation }) => `${method} ${path} ${operation ?? ''}`)).toEqual(
      ['POST /graphql ListFiles', 'POST /graphql ReadFiles'],
    )
  })

  test.each([40, 80, 200])('fits into a terminal of %i columns, in color', async (columns) => {
    await using world = await InitWorld.withShop()
    const terminal = { columns, rows: 24 }
    const { stdout } = await world.orch(named, { terminal, env: { NO_COLOR: '', FORCE_COLOR: '1' } })
    await expect(stdout).toMatchFileSnapshot(`./outputs/written-${columns}.txt`)
  })

  test('writes nothing with --dry-run, and prints nothing but the file', async () => {
    await using world = await InitWorld.withShop()
    const { code, stdout } = await world.orch(`${named} --dry-run`)
    expect(code).toBe(0)
    expect(jobsOf(stdout)).toMatchObject({ shop: 'acme/shop api lib' })
    expect(await world.files()).toEqual([])
    await world.orch(named)
    expect(await world.file()).toBe(stdout)
  })

  test('takes repositories of several owners, and each once', async () => {
    await using world = await InitWorld.withShop()
    await world.repository('other/lib', { Dockerfile: 'FROM ghcr.io/acme/api\n' })
    await world.orch('init --repos acme/lib,other/lib,ACME/Lib,acme/api')
    expect(jobsOf(await world.file())).toEqual({ lib: 'acme/lib', api: 'acme/api lib', 'lib-2': 'other/lib api' })
  })

  test('excludes the default branches from the changes, unless --branches names them', async () => {
    await using world = await InitWorld.withShop()
    await world.sandbox.admin.createRepository('acme/old', { defaultBranch: 'trunk' })
    await world.sandbox.admin.commit('acme/old', 'trunk', { '.github/workflows/build.yml': dispatchable })
    const all = await world.orch('init --owner acme --repos lib,old --dry-run')
    expect(all.stdout).toContain(`branches: ["**", "!main", "!trunk"]`)
    const some = await world.orch([
      'init',
      '--owner',
      'acme',
      '--repos',
      'lib',
      '--branches',
      'PAY-*, fix/**',
      '--dry-run',
    ])
    expect(some.stdout).toContain(`branches: ["PAY-*", "fix/**"]`)
  })

  test('names the workflow of each repository that can be dispatched to build it', async () => {
    await using world = await InitWorld.open()
    for (const [name, workflow] of Object.entries({ a: 'ci.yml', b: 'ci.yml', c: 'build.yaml', d: 'release.yml' })) {
      await world.sandbox.admin.createRepository(`acme/${name}`)
      await world.sandbox.admin.commit(`acme/${name}`, 'main', { [`.github/workflows/${workflow}`]: dispatchable })
    }
    const { stdout, stderr } = await world.orch('init --owner acme --repos a,b,c,d --dry-run')
    const parsed = parseGraphFile(stdout)
    expect(parsed.ok && parsed.graph.jobs.map(({ id, workflow }) => `${id} ${workflow}`)).toEqual([
      'a ci.yml',
      'b ci.yml',
      'c build.yaml',
      'd ci.yml',
    ])
    expect(stderr).toContain(
      'note: acme/d: no build workflow can be dispatched (only release.yml, which may do something else): ',
    )
  })

  test('leaves a cycle out of the file, except as comments, and says so', async () => {
    await using world = await InitWorld.open()
    await world.repository('acme/a', { '.gitmodules': 'url = ../b' })
    await world.repository('acme/b', { '.gitmodules': 'url = ../a' })
    await world.repository('acme/c', { '.gitmodules': 'url = ../a' })
    const { code, stdout } = await world.orch('init --owner acme --repos a,b,c')
    expect(code).toBe(0)
    expect(stdout).toContain('! these need each other, so no order of them is possible: a -> b -> a\n')
    expect(stdout).toContain('! left out: b needs a\n  .gitmodules:1 names ../a\n')
    const text = await world.file()
    expect(jobsOf(text)).toEqual({ a: 'acme/a', b: 'acme/b', c: 'acme/c a' })
    expect(text).toContain('    # left out, because it is part of a cycle: needs a # .gitmodules:1 names ../a\n')
  })

  test('notes that ORCH_CONFIG names another file', async () => {
    await using world = await InitWorld.withShop()
    const { code, stderr } = await world.orch(named, { env: { ORCH_CONFIG: 'ci/graph.yaml' } })
    expect(stderr).toBe('note: ORCH_CONFIG names ci/graph.yaml: unset it, so that orch uses the new file\n')
    expect(code).toBe(0)
  })

  test('notes what it could not read', async () => {
    await using world = await InitWorld.open()
    await world.repository('acme/a', { 'package.json': '{', 'go.mod': '\u0000' })
    await world.sandbox.admin.createRepository('acme/empty')
    const { code, stderr } = await world.orch('init --owner acme --repos a,empty')
    expect(code).toBe(0)
    expect(stderr.split('\n')).toEqual([
      'note: acme/a: go.mod is too large, or not text',
      'note: acme/a: package.json: line 1, column 2: close brace expected',
      'note: acme/empty: it has no commit yet',
      expect.stringMatching(/^note: acme\/empty: no build workflow can be dispatched: add /u),
      '',
    ])
  })

  test('names of repositories and files cannot reach the terminal or the file as anything but text', async () => {
    await using world = await InitWorld.withShop()
    const hostile = '\u001b[31m\n  evil:\n    repo: x/y\n::error::'
    await world.repository('acme/evil', {
      'package.json': JSON.stringify({ dependencies: { [hostile]: 'acme/lib', '@acme/lib': '1' } }),
    })
    const { stdout } = await world.orch('init --owner acme --repos evil,lib', { env: { FORCE_COLOR: '' } })
    const text = await world.file()
    expect(Object.keys(jobsOf(text))).toEqual(['lib', 'evil'])
    for (const shown of [stdout, text]) {
      expect(shown).not.toContain(String.fromCharCode(27))
      expect(shown).not.toMatch(/^::error/mu)
    }
  })
})

describe('orch init --from-org', () => {
  async function organization(): Promise<InitWorld> {
    const world = await InitWorld.withShop()
    await world.repository('acme/shop-web')
    await world.repository('acme/shop-old')
    await world.repository('other/source')
    await world.sandbox.admin.forkRepository('other/source', 'acme/shop-fork')
    world.sandbox.admin.archiveRepository('acme/shop-old')
    world.sandbox.admin.setTopics('acme/lib', ['payments'])
    world.sandbox.admin.setTopics('acme/shop', ['payments', 'web'])
    return world
  }

  test.each<[string, string[], string[]]>([
    ['all repositories', ['--from-org', 'acme'], ['api', 'lib', 'shop', 'shop-web']],
    ['those that a pattern matches', ['--from-org', 'acme/SHOP*'], ['shop', 'shop-web']],
    ['those with a topic', ['--from-org', 'acme', '--topic', 'Payments'], ['lib', 'shop']],
    ['those that match and have a topic', ['--from-org', 'acme/l*', '--topic', 'payments'], ['lib']],
  ])('takes %s, without archived ones and forks', async (_what, flags, names) => {
    await using world = await organization()
    const { code, stderr } = await world.orch(['init', ...flags, '--yes'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(Object.keys(jobsOf(await world.file())).sort()).toEqual(names)
  })

  test.each<[string, string[], string[]]>([
    [
      'a pattern that matches nothing',
      ['--from-org', 'acme/pay-*'],
      [
        'error: no repository of acme matches pay-*',
        '  why: archived repositories and forks are left out',
        '  what to do: There are api, lib, shop, shop-web.',
      ],
    ],
    [
      'a topic that nothing has',
      ['--from-org', 'acme', '--topic', 'mobile'],
      [
        'error: no repository of acme has the topic mobile',
        '  why: their topics are payments, web',
        '  what to do: Add the topic on the pages of the repositories, or give --repos.',
      ],
    ],
    [
      'an organization that does not exist',
      ['--from-org', 'acne'],
      [
        'error: the user or organization acne does not exist, or this token cannot see it',
        '  why: GitHub has no such resource, or this token cannot see it (HTTP 404)',
        expect.stringContaining('check the name'),
      ],
    ],
  ])('exits 2 for %s, and writes nothing', async (_what, flags, lines) => {
    await using world = await organization()
    const { code, stdout, stderr } = await world.orch(['init', ...flags, '--yes'])
    expect(stderr.trimEnd().split('\n')).toEqual(lines)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(await world.files()).toEqual([])
  })

  test('exits 2 where an owner has only archived repositories and forks', async () => {
    await using world = await organization()
    await world.sandbox.admin.forkRepository('other/source', 'someone/source')
    const { code, stderr } = await world.orch('init --from-org someone')
    expect(stderr).toContain(
      'error: someone has no repositories to build\n  why: all 1 that GitHub lists are archived or forks\n',
    )
    expect(code).toBe(2)
  })
})

describe('orch init refuses', () => {
  test('to replace a file, and shows how to see the difference', async () => {
    await using world = await InitWorld.withShop()
    await writeFile(join(world.directory, 'orchestrator.yaml'), 'mine')
    const { code, stdout, stderr } = await world.orch([...named.split(' '), '--branches', 'PAY-*'])
    expect(stderr.split('\n')).toEqual([
      'error: orchestrator.yaml exists already',
      '  why: orch init never replaces a file',
      "  what to do: See the difference: orch init --owner acme --repos shop,api,lib --branches 'PAY-*' --dry-run | diff orchestrator.yaml -",
      '',
    ])
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(await world.file()).toBe('mine')
    expect(world.sandbox.requests).toEqual([])
    expect((await world.orch('init')).stderr).toContain('orch init --owner OWNER --repos a,b --dry-run | diff')
  })

  test('to replace a schema that is there, but writes the graph file', async () => {
    await using world = await InitWorld.withShop()
    await writeFile(join(world.directory, 'orchestrator.schema.json'), '{}')
    const { code, stdout } = await world.orch(named)
    expect(code).toBe(0)
    expect(stdout).toContain('Wrote orchestrator.yaml: 3 jobs')
  })

  test.each<[string, string, string]>([
    ['init', 'the owner of the repositories is missing', 'Give --owner and --repos, or --from-org.'],
    ['init --owner acme', 'the repositories of acme are missing', 'Give --repos, or --from-org acme for all.'],
    ['init --repos lib', 'lib has no owner', 'Give --owner, or write owner/lib.'],
  ])('%s without a terminal, and says which flag is missing', async (words, message, remedy) => {
    await using world = await InitWorld.withShop()
    const { code, stderr } = await world.orch(words)
    expect(stderr).toMatch(new RegExp(`^error: ${message}\n  why: .*\n  what to do: ${remedy}\n$`, 'u'))
    expect(code).toBe(2)
    expect(await world.files()).toEqual([])
  })

  test.each<[string, string[]]>([
    ['--owner a/b is not a valid user or organization', ['--owner', 'a/b', '--repos', 'lib']],
    ['--owner --x is not a valid user or organization', ['--owner=--x', '--repos', 'lib']],
    ['--from-org  is not a valid user or organization', ['--from-org', '']],
    ['x[ is not a valid pattern of names', ['--from-org', 'acme/x[']],
    ['--repos names no repository', ['--owner', 'acme', '--repos', ' , ']],
    ['https://github.com/acme/lib is not a valid repository', ['--repos', 'https://github.com/acme/lib']],
    ['..  is not a valid repository'.replace('  ', ' '), ['--owner', 'acme', '--repos', '..']],
    ['--from-org and --repos both choose the repositories', ['--from-org', 'acme', '--repos', 'lib']],
    ['--from-org and --owner both name the owner', ['--from-org', 'acme', '--owner', 'acme']],
    ['--topic needs --from-org', ['--owner', 'acme', '--repos', 'lib', '--topic', 'x']],
    ['--branches matches no branch', ['--owner', 'acme', '--repos', 'lib', '--branches', '!main']],
    ['[ is not a valid branch pattern', ['--owner', 'acme', '--repos', 'lib', '--branches', '[']],
    ['--demo cannot be used with --repos', ['--demo', '--repos', 'lib']],
  ])('with "%s", before it sends anything', async (message, flags) => {
    await using world = await InitWorld.withShop()
    const { code, stderr } = await world.orch(['init', ...flags])
    expect(stderr).toContain(`error: ${message}\n`)
    expect(code).toBe(2)
    expect(world.sandbox.requests).toEqual([])
    expect(await world.files()).toEqual([])
  })

  test('repositories that do not exist, were renamed or are archived, each by its name', async () => {
    await using world = await InitWorld.withShop()
    world.sandbox.admin.renameRepository('acme/lib', 'library')
    world.sandbox.admin.archiveRepository('acme/api')
    const { code, stderr } = await world.orch('init --owner acme --repos nothing,lib,api,shop')
    expect(stderr).toContain('error: repository acme/nothing does not exist, or this token cannot see it\n')
    expect(stderr).toContain('error: the repository acme/lib is now called acme/library\n')
    expect(stderr).toContain('error: acme/api is archived\n')
    expect(stderr).not.toContain('acme/shop')
    expect(code).toBe(2)
    expect(await world.files()).toEqual([])
  })

  test('a repository whose files the token may not read, with exit code 4 and the permission', async () => {
    await using world = await InitWorld.withShop()
    await world.sandbox.admin.createRepository('acme/secret', { private: true })
    await world.sandbox.admin.commit('acme/secret', 'main', { 'go.mod': 'module x\n' })
    const token = world.sandbox.admin.createToken('ada', { 'acme/secret': { metadata: 'read' } })
    const { code, stderr } = await world.orch('init --owner acme --repos lib,secret', {
      env: { GH_ENTERPRISE_TOKEN: token },
    })
    expect(stderr).toContain('error: this token may not read branches and files in acme/secret')
    expect(stderr).toContain('Contents: read on acme/secret')
    expect(code).toBe(4)
  })

  test('a missing or refused token with exit code 4', async () => {
    await using world = await InitWorld.withShop()
    const missing = await world.orch(named, { env: { GH_ENTERPRISE_TOKEN: '' } })
    expect(missing.stderr).toContain('error: there is no token for 127.0.0.1')
    expect(missing.code).toBe(4)
    const refused = await world.orch(named, { env: { GH_ENTERPRISE_TOKEN: 'ghp_0123456789wrong' } })
    expect(refused.stderr.match(/^error: .*refused the token/gmu)).toHaveLength(1)
    expect(refused.stderr).not.toContain('ghp_0123456789wrong')
    expect(refused.code).toBe(4)
    expect(await world.files()).toEqual([])
  })

  test('a signal while GitHub does not answer ends it with 130', async () => {
    await using world = await InitWorld.withShop()
    world.sandbox.faults.add({ action: { kind: 'hang' } })
    const command = world.start(named)
    while (world.sandbox.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    command.signal('SIGTERM')
    const { code, stderr } = await command.ended
    expect(stderr).toContain('error: interrupted by SIGTERM\n')
    expect(code).toBe(130)
    expect(await world.files()).toEqual([])
  })

  test('each request is shown with --verbose', async () => {
    await using world = await InitWorld.withShop()
    const { stderr } = await world.orch(`${named} --verbose`)
    expect(stderr.match(/POST \/api\/graphql {2}200/gu)).toHaveLength(2)
  })
})
