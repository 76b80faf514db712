import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, exitCodes } from '../../src/cli/output/exit-codes.js'
import { Scene } from '../support/scene.js'
import type { SceneOptions } from '../support/scene.js'

async function change(options: SceneOptions = {}): Promise<Scene> {
  const scene = await Scene.open(options)
  for (const name of ['repoB', 'repoD']) await scene.change(name, 'DPTA-1')
  return scene
}

describe('exit codes', () => {
  test('exit code 0 means that everything succeeded', async () => {
    await using scene = await change()
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(outputLines.at(-2)).toContain('DPTA-1')
    expect(code).toBe(0)
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
  })

  test('exit code 1 means that a build failed', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoD').concludes('failure')
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    expect((await scene.orch('status DPTA-1')).code).toBe(1)
  })

  test('exit code 2 means that the request is wrong', async () => {
    await using scene = await change()
    expect((await scene.orch('run DPTA-404')).code).toBe(2)
    expect((await scene.orch('plan main')).code).toBe(2)
    expect((await scene.orch('invalidate main')).code).toBe(2)
    expect((await scene.orch('status --bogus')).code).toBe(2)
  })

  test.each(['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1'])(
    'exit code 4 means that the token is missing or refused: orch %s',
    async (words) => {
      await using scene = await change()
      expect((await scene.orch(words, { env: { GH_ENTERPRISE_TOKEN: '' } })).code).toBe(4)
      expect((await scene.orch(words, { env: { GH_ENTERPRISE_TOKEN: 'ghp_refused' } })).code).toBe(4)
      expect(scene.writes()).toEqual([])
    },
  )

  test('exit code 5 means that some pull requests were merged and the others moved', async () => {
    await using scene = await Scene.open({ unprotected: ['repoB'] })
    const inB = await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    scene.builds.script('acme/repoD').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoD')
    await scene.merge('repoB', inB)
    await scene.push('repoD', 'DPTA-1')
    scene.builds.script('acme/repoD').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(5)
  })

  test('exit code 8 means that the change is not green yet', async () => {
    await using scene = await change()
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
    await scene.orch('run DPTA-1')
    await scene.orch('invalidate DPTA-1')
    expect((await scene.orch('status DPTA-1')).code).toBe(8)
  })

  test.each(['SIGINT', 'SIGTERM'])('exit code 130 means that the command was interrupted by %s', async (signal) => {
    await using scene = await change()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    running.signal(signal)
    expect((await scene.clock.until(running.ended)).code).toBe(130)
  })

  test('the exit code of a dry run equals that of the plan', async () => {
    await using scene = await change()
    for (const branch of ['DPTA-1', 'DPTA-404', 'main'])
      expect((await scene.orch(`run ${branch} --dry-run`)).code).toBe((await scene.orch(`plan ${branch}`)).code)
  })

  test('a change that no repository has gives exit code 2 for orch plan and orch run, and 1 for orch status', async () => {
    await using scene = await Scene.open()
    expect((await scene.orch('plan DPTA-404')).code).toBe(2)
    expect((await scene.orch('status DPTA-404')).code).toBe(1)
    expect((await scene.orch('invalidate DPTA-404')).code).toBe(0)
  })

  test('orch invalidate exits 4 if only permissions are missing, and 1 if anything else failed too', async () => {
    const statusesOf = (name: string): RegExp => new RegExp(`/repos/acme/${name}/statuses/`, 'u')
    await using scene = await change()
    const refusal = { message: 'Resource not accessible by personal access token' }
    const forbidden = { kind: 'respond', status: 403, body: refusal } as const
    scene.sandbox.faults.add({ method: 'POST', path: statusesOf('repoB'), action: forbidden })
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(4)
    const broken = { kind: 'respond', status: 422, body: { message: 'Validation Failed' } } as const
    await scene.orch('run DPTA-1')
    scene.sandbox.faults.add({ method: 'POST', path: statusesOf('repoD'), action: broken })
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(1)
  })
})

describe('docs/exit-codes.md', () => {
  const read = (): Promise<string> => readFile(new URL('../../docs/exit-codes.md', import.meta.url), 'utf8')
  const codes = Object.values(exitCodes).map(String)

  test('docs/exit-codes.md lists exactly the existing codes, in order', async () => {
    const listed = [...(await read()).matchAll(/^\| (\d+) +\|/gmu)].map(([, code]) => code)
    expect(listed).toEqual(codes)
  })

  test('docs/exit-codes.md lists the codes that each command returns', async () => {
    const text = (await read()).split('## What each command returns')[1] ?? ''
    const [head = '', ...rows] = text.split('\n').filter((line) => line.startsWith('|'))
    const cells = head.split('|').map((cell) => cell.trim())
    expect(cells.filter((cell) => /^\d+$/u.test(cell))).toEqual(codes)
    const commands = rows.flatMap((row) => /^\| `orch ([a-z]+)`/u.exec(row)?.[1] ?? [])
    await using scene = await Scene.open()
    const { stdout } = await scene.orch('--help')
    const named = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gmu)].map(([, name]) => name)
    expect(commands.sort()).toEqual(named.sort())
  })

  test('docs/exit-codes.md gives the code of each outcome', async () => {
    const text = (await read()).replaceAll('\n', ' ')
    const outcomes = ['failed', 'unknown', 'timed-out', 'superseded'] as const
    expect(text).toContain(
      `${outcomes.map((outcome) => `\`${outcome}\``).join(', ')} 1 (4 where the token was the reason)`,
    )
    for (const outcome of outcomes) {
      expect(exitCodeOf({ outcome, auth: false, reason: '' })).toBe(1)
      expect(exitCodeOf({ outcome, auth: true, reason: '' })).toBe(4)
    }
    for (const outcome of ['succeeded', 'partially-merged', 'cancelled'] as const)
      expect(text).toContain(`\`${outcome}\` ${exitCodeOf({ outcome, auth: false, reason: '' })}`)
  })
})
