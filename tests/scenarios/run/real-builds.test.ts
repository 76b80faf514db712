import { describe, expect, test } from 'vitest'
import { RealScene } from '../../support/real-scene.js'

describe('real builds of real repositories', () => {
  test('a real build of half a coordinated change fails with its step and log, and the whole change passes and can be merged', async () => {
    await using scene = await RealScene.open()
    await scene.push('change', ['repoB'])
    const inB = await scene.openPull('repoB')
    const half = await scene.orch('run DPTA-1122')
    expect(half.code).toBe(1)
    expect(half.outputLines.some((line) => line.startsWith('repoB failed at build / Test http://127.0.0.1:'))).toBe(
      true,
    )
    expect(half.outputLines.filter((line) => line.startsWith('repoB | ')).length).toBeGreaterThan(3)
    await expect(scene.sandbox.admin.mergePull('acme/repoB', inB)).rejects.toThrow(/405/u)

    await scene.push('change', ['repoD'])
    const inD = await scene.openPull('repoD')
    const whole = await scene.orch('run DPTA-1122')
    expect(whole.code).toBe(0)
    expect(whole.outputLines.filter((line) => /^repo[BD]#1 unlocked /u.test(line))).toHaveLength(2)
    await scene.sandbox.admin.mergePull('acme/repoB', inB)
    await scene.sandbox.admin.mergePull('acme/repoD', inD)
    for (const [name, number] of [
      ['repoB', inB],
      ['repoD', inD],
    ] as const)
      expect(scene.sandbox.admin.pull(`acme/${name}`, number).state).toBe('closed')
  })

  test('a real build that exits 1 is reported with its failing step, and the repaired build passes', async () => {
    await using scene = await RealScene.open()
    await scene.push('change', ['repoB', 'repoD'])
    await scene.push('broken', ['repoB'])
    await scene.openPull('repoB')
    await scene.openPull('repoD')
    const broken = await scene.orch('run DPTA-1122')
    expect(broken.code).toBe(1)
    expect(broken.stdout).toContain('exit 1')
    await scene.push('fixed', ['repoB'])
    expect((await scene.orch('run DPTA-1122')).code).toBe(0)
  })
})
