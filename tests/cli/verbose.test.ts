import { describe, expect, test } from 'vitest'
import { createSchemaCheck } from '../report/support/schemas.js'
import { Scene } from '../support/scene.js'

const requestLine =
  /^ {2}(?:GET|POST) +\/\S+ {2}(\d{3}|no answer: .+?) {2}\d+ ms(?: {2}not counted)?( {2}\d+ of \d+ left)?$/u

async function change(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  return scene
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

describe('--verbose', () => {
  test.each(['run DPTA-1', 'plan DPTA-1', 'status DPTA-1', 'invalidate DPTA-1', 'invalidate'])(
    '--verbose with orch %s reports each request to GitHub once, with its status and the remaining rate limit',
    async (words) => {
      await using scene = await change()
      scene.sandbox.requests.length = 0
      const { stderr } = await scene.orch(`${words} --verbose`)
      const lines = linesOf(stderr)
      expect(lines.filter((line) => !requestLine.test(line))).toEqual([])
      const reported = lines.map((line) => line.trim().split(/ +/u).slice(0, 2).join(' ').replace(/\?.*$/u, ''))
      const seen = scene.sandbox.requests.map(({ method, path }) => `${method} ${path.replace(/\?.*$/u, '')}`)
      expect(reported.map((line) => line.replace(/\/api(\/v3)?\//u, '/')).sort()).toEqual(seen.sort())
      expect(lines.some((line) => / {2}\d+ of \d+ left$/u.test(line))).toBe(true)
    },
  )

  test.each(['run DPTA-1', 'plan DPTA-1', 'status DPTA-1', 'invalidate --dry-run', 'run DPTA-1 --json'])(
    '--verbose does not change the stdout of orch %s',
    async (words) => {
      await using quiet = await change()
      await using verbose = await change()
      const expected = await quiet.orch(words)
      expect(expected.stderr).toBe('')
      const { code, stdout, stderr } = await verbose.orch(`${words} -v`)
      expect(stdout).toBe(expected.stdout)
      expect(code).toBe(expected.code)
      expect(stderr).not.toBe('')
    },
  )

  test('--verbose leaves each line of --json a document', async () => {
    await using scene = await change()
    const { stdout } = await scene.orch('run DPTA-1 --json --verbose')
    const check = createSchemaCheck('run-events')
    expect(linesOf(stdout).flatMap((line) => check(JSON.parse(line)))).toEqual([])
  })

  test.each([
    ['502', { kind: 'respond', status: 502 }],
    ['no answer', { kind: 'disconnect' }],
  ] as const)('--verbose reports a retried request each time (%s, then 200)', async (reported, action) => {
    await using scene = await change()
    scene.sandbox.faults.add({ method: 'POST', path: /\/graphql$/u, times: 1, action })
    const { code, stderr } = await scene.orch('plan DPTA-1 --verbose')
    const lines = linesOf(stderr).filter((line) => line.includes('/graphql  '))
    expect(lines.map((line) => /502|200|no answer/u.exec(line)?.[0])).toEqual([reported, '200'])
    expect(lines.every((line) => requestLine.test(line))).toBe(true)
    expect(code).toBe(0)
  })

  test('--verbose marks a request that GitHub does not count because nothing has changed', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoB').concludes('success', { after: 60_000 })
    const { code, stderr } = await scene.orch('run DPTA-1 --verbose')
    const unchanged = linesOf(stderr).filter((line) => line.includes('  304  '))
    expect(unchanged.length).toBeGreaterThan(3)
    expect(unchanged.every((line) => / {2}304 {2}\d+ ms {2}not counted {2}\d+ of \d+ left$/u.test(line))).toBe(true)
    expect(linesOf(stderr).filter((line) => line.includes('not counted'))).toEqual(unchanged)
    expect(code).toBe(0)
  })

  test('--verbose lines on a terminal appear above the live lines, which stay intact', async () => {
    await using scene = await change()
    const { code, stdout, stderr } = await scene.orch('run DPTA-1 --verbose', { terminal: { columns: 80, rows: 24 } })
    expect(stdout).toMatch(/POST \S+\/dispatches {2}200 {2}\d+ ms/u)
    expect(
      stdout.split('\n').filter((line) => /repoB {2}(running|queued).*POST|POST.*repoB {2}running/u.test(line)),
    ).toEqual([])
    expect(linesOf(stderr).every((line) => requestLine.test(line))).toBe(true)
    expect(code).toBe(0)
  })

  test('--verbose never shows the token, a header or a body', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoB').concludes('failure')
    for (const words of ['run DPTA-1', 'status DPTA-1', 'invalidate --reason by-hand', 'plan DPTA-1 --json']) {
      const { stdout, stderr } = await scene.orch(`${words} --verbose`)
      expect(stderr).not.toMatch(/authorization|bearer|by-hand|orchestrator-build/iu)
      expect(stdout + stderr).not.toContain(scene.sandbox.token)
    }
  })

  test('stderr stays empty without --verbose if nothing failed', async () => {
    await using scene = await change()
    for (const words of ['run DPTA-1', 'plan DPTA-1', 'status DPTA-1', 'invalidate'])
      expect((await scene.orch(words)).stderr).toBe('')
  })
})
