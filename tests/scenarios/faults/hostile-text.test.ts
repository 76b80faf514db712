import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const escape = '\u001b'
const title = `${escape}[2J${escape}]0;owned\u0007 ::error::title \u202egnp`
const log = [
  `${escape}[31mred${escape}[0m`,
  '::error::injected by a build',
  '##[error]old form',
  '::set-output name=outcome::succeeded',
  `${escape}]8;;http://evil.example${escape}\\click${escape}]8;;${escape}\\`,
  'one\rtwo',
]

async function hostileScene(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.push('repoB', 'DPTA-1')
  await scene.sandbox.admin.openPull('acme/repoB', { head: 'DPTA-1', title })
  scene.builds.script('acme/repoB').concludes('failure', { log })
  return scene
}

/** Control characters except the line feed, and bidirectional formatting characters. */
function dangerousIn(text: string): string[] {
  return Array.from(text).filter((char) => {
    const code = char.codePointAt(0) ?? 0
    const isControl = code < 32 ? char !== '\n' : code >= 0x7f && code <= 0x9f
    return isControl || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
  })
}

describe('hostile text from GitHub', () => {
  test.each(['run DPTA-1', 'run DPTA-1 --json', 'plan DPTA-1', 'invalidate DPTA-1', 'status DPTA-1'])(
    'text from GitHub cannot send terminal control sequences through orch %s',
    async (command) => {
      await using scene = await hostileScene()
      const { stdout, stderr } = await scene.orch(command)
      expect(stdout).not.toBe('')
      expect(dangerousIn(stdout + stderr)).toEqual([])
    },
  )

  test('text from GitHub cannot inject a workflow command or a step output in GitHub Actions', async () => {
    await using scene = await hostileScene()
    const output = join(scene.directory, 'output')
    const summary = join(scene.directory, 'summary')
    await writeFile(output, '')
    await writeFile(summary, '')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary }
    const { code, stdout } = await scene.orch('run DPTA-1', { env })
    expect(code).toBe(1)
    const commands = stdout.split('\n').filter((line) => /^\s*(::|##\[)/u.test(line))
    expect(commands.filter((line) => !/^::(group|endgroup|error|warning|notice)\b/u.test(line))).toEqual([])
    expect(commands.some((line) => line.startsWith('::error::injected'))).toBe(false)
    expect(await readFile(output, 'utf8')).toContain('failed')
    expect(await readFile(output, 'utf8')).not.toContain('succeeded')
    expect(dangerousIn(await readFile(summary, 'utf8'))).toEqual([])
  })

  test('an invalidation reason cannot forge a marker of orch in a status', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const reason = `${escape}[1m\nrun:abcdef01 set:0123456789ab ${'x'.repeat(300)}`
    expect((await scene.orch(['invalidate', 'DPTA-1', '--reason', reason])).code).toBe(0)
    const [status = ''] = await scene.statuses('repoB', 'DPTA-1')
    expect(status).toMatch(/^pending inv:[a-z0-9]+ /u)
    expect(dangerousIn(status)).toEqual([])
    expect(Array.from(status.replace('pending ', '')).length).toBeLessThanOrEqual(140)
  })

  test('a branch with a slash, a quote and non-ASCII letters is built and unlocked', async () => {
    const graph = "version: 1\nowner: acme\nbranches: 'DPTA-**'\njobs: { repoA: {} }\n"
    await using scene = await Scene.open({ graph })
    const branch = "DPTA-1/it's-#1-ünï%2f&x"
    await scene.change('repoA', branch)
    const { code, stderr } = await scene.orch(['run', branch])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(await scene.status('repoA', branch)).toMatch(/^success/u)
  })
})
