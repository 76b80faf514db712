import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const minute = 60_000

const one = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: {}
`

/** The usual duration of each job that the latest orchestration planned, ms. */
async function usualOf(scene: Scene): Promise<(number | undefined)[]> {
  const folder = join(scene.directory, '.orch', 'orchestrations')
  const journals = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
  const text = await readFile(join(folder, journals.at(-1) ?? ''), 'utf8')
  const [started] = text.split('\n').filter((line) => line.includes('"type":"started"'))
  const { plan } = JSON.parse(started ?? '{}') as { plan: { jobs: { usualMs?: number }[] } }
  return plan.jobs.map(({ usualMs }) => usualMs)
}

function countPolls(scene: Scene): number {
  return scene.sandbox.requests.filter(({ path }) => /\/actions\/runs\/\d+(?:\?|$)/u.test(path)).length
}

test('a build with a known usual duration is polled rarely until its end is near', async () => {
  await using scene = await Scene.open({ graph: one })
  await scene.change('repoA', 'DPTA-1')
  scene.builds.script('acme/repoA').concludes('success', { after: 8 * minute })
  scene.builds.script('acme/repoA').concludes('success', { after: 8 * minute })

  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  expect(await usualOf(scene)).toEqual([undefined])
  const first = countPolls(scene)

  await scene.push('repoA', 'DPTA-1', { 'more.txt': 'more\n' })
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  const [usualMs] = await usualOf(scene)
  expect(Math.abs(usualMs! - 8 * minute)).toBeLessThan(15_000)
  expect(countPolls(scene) - first).toBeLessThan(first / 2)
})

test('a failed build does not count towards the usual duration', async () => {
  await using scene = await Scene.open({ graph: one })
  await scene.change('repoA', 'DPTA-1')
  scene.builds.script('acme/repoA').concludes('failure', { after: minute })
  scene.builds.script('acme/repoA').concludes('success', { after: minute })

  expect((await scene.orch('run DPTA-1')).code).toBe(1)
  await scene.push('repoA', 'DPTA-1', { 'more.txt': 'more\n' })
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  expect(await usualOf(scene)).toEqual([undefined])
})
