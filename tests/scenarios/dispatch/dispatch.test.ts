import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSchemaCheck } from '../../report/support/schemas.js'
import { sceneWithReceivers, sentEvents } from './receivers.js'

const docs = '/repos/acme/docs/dispatches'
const website = '/repos/acme/website/dispatches'

describe('orch dispatch', () => {
  test('sends the event to each repository, with the payload and the fields', async () => {
    await using scene = await sceneWithReceivers()
    const words = 'dispatch published --repo acme/docs --repo acme/website --field tag=v1 --field note=a=b'
    const { code, outputLines } = await scene.orch([...words.split(' '), '--payload', '{"tag":"v0","deep":{"n":1}}'])
    expect(outputLines).toEqual(['✔ sent published to acme/docs', '✔ sent published to acme/website', ''])
    expect(code).toBe(0)
    const body = { event_type: 'published', client_payload: { tag: 'v1', deep: { n: 1 }, note: 'a=b' } }
    expect(sentEvents(scene)).toEqual([
      { path: docs, body },
      { path: website, body },
    ])
  })

  test('reads the payload from a file and from the standard input', async () => {
    await using scene = await sceneWithReceivers()
    await writeFile(join(scene.directory, 'payload.json'), '{"from":"a file"}')
    await scene.orch('dispatch published --repo acme/docs --payload @payload.json')
    await scene.orch('dispatch published --repo acme/docs --payload -', { stdin: '{"from":"a pipe"}' })
    expect(sentEvents(scene).map(({ body }) => body)).toMatchObject([
      { client_payload: { from: 'a file' } },
      { client_payload: { from: 'a pipe' } },
    ])
  })

  test('needs no graph file', async () => {
    await using scene = await sceneWithReceivers()
    await writeFile(join(scene.directory, 'orchestrator.yaml'), 'not a graph')
    expect((await scene.orch('dispatch published --repo acme/docs')).code).toBe(0)
  })

  test.each([
    ['{"tag": }', 'line 1, column 9'],
    ['', 'it is empty'],
    ['["v1"]', 'the payload is not a JSON object'],
    ['@absent.json', 'the payload absent.json cannot be read'],
    [JSON.stringify(Object.fromEntries('abcdefghijk'.split('').map((key) => [key, 1]))), 'has 11 top-level keys'],
    [JSON.stringify({ a: 'x'.repeat(65_536) }), 'GitHub allows fewer than 65536'],
  ])('refuses the payload %.20s with exit code 2 before anything is sent', async (payload, problem) => {
    await using scene = await sceneWithReceivers()
    const { code, stderr } = await scene.orch(['dispatch', 'published', '--repo', 'acme/docs', `--payload=${payload}`])
    expect(stderr).toContain(problem)
    expect(code).toBe(2)
    expect(scene.sandbox.requests).toEqual([])
  })

  test.each([
    [['published', '--repo', 'docs'], '"docs" is not a valid repository'],
    [['published', '--repo', 'acme/../x'], '"acme/../x" is not a valid repository'],
    [['published', '--repo', 'acme/docs', '--repo', 'ACME/docs'], 'ACME/docs is named twice'],
    [['x'.repeat(101), '--repo', 'acme/docs'], 'at most 100 characters'],
    [['', '--repo', 'acme/docs'], 'the event type is not valid'],
    [['published', '--repo', 'acme/docs', '--field', '=v'], '"=v" is not a valid --field'],
    [['published', '--repo', 'acme/docs', '--timeout', '5m'], '--timeout needs --wait'],
    [['published'], '--repo'],
    [['--repo', 'acme/docs'], 'event-type'],
  ])('refuses %j with exit code 2 before anything is sent', async (words, problem) => {
    await using scene = await sceneWithReceivers()
    const { code, stderr } = await scene.orch(['dispatch', ...words])
    expect(stderr).toContain(problem)
    expect(code).toBe(2)
    expect(scene.sandbox.requests).toEqual([])
  })

  test('a repository that does not exist keeps every event from being sent', async () => {
    await using scene = await sceneWithReceivers()
    const { code, stderr } = await scene.orch('dispatch published --repo acme/docs --repo acme/absent')
    expect(stderr).toMatch(/acme\/absent.*does not exist.*Contents: write/su)
    expect(code).toBe(1)
    expect(sentEvents(scene)).toEqual([])
  })

  test('an archived repository keeps every event from being sent', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.admin.archiveRepository('acme/website')
    const { code, stderr } = await scene.orch('dispatch published --repo acme/docs --repo acme/website')
    expect(stderr).toContain('acme/website is archived')
    expect(code).toBe(1)
    expect(sentEvents(scene)).toEqual([])
  })

  test('a repository that was renamed keeps every event from being sent', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.admin.renameRepository('acme/website', 'site')
    const { code, stderr } = await scene.orch('dispatch published --repo acme/docs --repo acme/website')
    expect(stderr).toMatch(/acme\/website is now called acme\/site.*send the event to the new name/su)
    expect(code).toBe(1)
    expect(sentEvents(scene)).toEqual([])
  })

  test('a repository that the user may only read keeps every event from being sent, with exit code 4', async () => {
    await using scene = await sceneWithReceivers()
    const token = scene.sandbox.admin.createToken('reader', { '*': { contents: 'read', metadata: 'read' } })
    const options = { env: { GH_ENTERPRISE_TOKEN: token } }
    const { code, stderr } = await scene.orch('dispatch published --repo acme/docs', options)
    expect(stderr).toMatch(/reader may read it, but not write to it/u)
    expect(code).toBe(4)
    expect(sentEvents(scene)).toEqual([])
  })

  test('a refusal of one repository does not keep the event from the others', async () => {
    await using scene = await sceneWithReceivers()
    const body = { message: 'Resource not accessible by personal access token' }
    scene.sandbox.faults.add({ method: 'POST', path: docs, action: { kind: 'respond', status: 403, body } })
    const { code, outputLines, stderr } = await scene.orch('dispatch published --repo acme/docs --repo acme/website')
    expect(outputLines).toContain('✖ could not send published to acme/docs')
    expect(outputLines).toContain('✔ sent published to acme/website')
    expect(stderr).toContain('Contents: write')
    expect(code).toBe(4)
  })

  test('an event without an answer is not sent again', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.faults.add({ method: 'POST', path: docs, action: { kind: 'disconnect-after' } })
    const { code, outputLines, stderr } = await scene.orch('dispatch published --repo acme/docs')
    expect(outputLines[0]).toBe('! may have sent published to acme/docs')
    expect(stderr).toContain('is not sent again')
    expect(code).toBe(1)
    expect(sentEvents(scene)).toHaveLength(1)
  })

  test('--dry-run names the workflows that the event would start, and sends nothing', async () => {
    await using scene = await sceneWithReceivers()
    await scene.push('website', 'main', { '.github/workflows/docs.yml': 'on: push\njobs: {}\n' })
    const { code, outputLines } = await scene.orch('dispatch published --repo acme/docs --repo acme/website --dry-run')
    expect(outputLines.slice(0, 2)).toEqual([
      '· would send published to acme/docs, which starts docs.yml',
      '· would send published to acme/website, where no workflow runs on it',
    ])
    expect(code).toBe(0)
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test.each(['', ' --dry-run', ' --wait'])('--json%s is the documented document', async (flags) => {
    await using scene = await sceneWithReceivers()
    const { code, stdout } = await scene.orch(`dispatch published --repo acme/docs --json${flags}`)
    const document: unknown = JSON.parse(stdout)
    expect(createSchemaCheck('dispatch')(document)).toEqual([])
    expect(document).toMatchObject({
      eventType: 'published',
      succeeded: true,
      repositories: [{ repository: 'acme/docs' }],
    })
    expect(code).toBe(0)
  })

  test('in GitHub Actions the step gets outputs', async () => {
    await using scene = await sceneWithReceivers()
    const path = join(scene.directory, 'outputs')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: path }
    await scene.orch('dispatch published --repo acme/docs --wait', { env })
    const written = await readFile(path, 'utf8')
    expect(written).toMatch(
      /^outcome<<(\S+)\nsucceeded\n\1\ndispatched<<(\S+)\ntrue\n\2\nruns<<(\S+)\n\[.*"workflow":"docs.yml".*\]\n\3\n$/u,
    )
  })
})
