import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** The text without machine-specific parts: commits and digests. */
function withoutVariableParts(text: string): string {
  const names = new Map<string, string>()
  for (const [sha] of text.matchAll(/\b[0-9a-f]{40}\b/gu))
    if (!names.has(sha)) names.set(sha, `<sha ${names.size + 1}>`)
  let result = text.replace(/\b[0-9a-f]{64}\b/gu, '<set digest>')
  for (const [sha, name] of names) result = result.replaceAll(sha, name)
  return result.replace(/\bset:[0-9a-f]{12}\b/gu, 'set:<digest>')
}

const golden = (name: string): string => `../outputs/${name}.txt`

/** Runs three orchestrations: one fails, one is cancelled during the build of repoB, one succeeds. */
async function history(): Promise<Scene> {
  const scene = await Scene.open({ buildMs: 20_000 })
  for (const [name, branch] of [
    ['repoB', 'DPTA-1'],
    ['repoD', 'DPTA-1'],
    ['repoB', 'DPTA-2'],
    ['repoE', 'DPTA-3'],
  ] as const)
    await scene.change(name, branch)
  scene.builds.script('acme/repoD').concludes('failure', { log: ['not ok 1 - parses dates'] })
  await scene.orch('run DPTA-1')
  await scene.clock.advance(3_600_000)
  scene.builds.script('acme/repoB').holds()
  const running = scene.start('run DPTA-2')
  await scene.untilBuilding('repoB', 2)
  await scene.clock.advance(60_000)
  running.signal()
  await scene.clock.until(running.ended)
  await scene.clock.advance(60_000)
  await scene.orch('run DPTA-3')
  return scene
}

describe('history of three orchestrations', () => {
  test('orch list prints three orchestrations as recorded', async () => {
    await using scene = await history()
    await expect((await scene.orch('list')).stdout).toMatchFileSnapshot(golden('list'))
  })

  test('orch show prints each of three orchestrations as recorded', async () => {
    await using scene = await history()
    const ids = [...(await scene.orch('list')).stdout.matchAll(/^. (\w{16})/gmu)].map(([, id = '']) => id)
    const shown: string[] = []
    for (const id of ids) shown.push(`===== orch show ${id}\n${(await scene.orch(`show ${id}`)).stdout}`)
    expect(shown).toHaveLength(3)
    await expect(withoutVariableParts(shown.join(''))).toMatchFileSnapshot(golden('show'))
  })
})
