import { expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const second = 1_000
const names = Array.from('ABCDEFGHIJKLMN', (letter) => `repo${letter}`)

/** Fourteen repositories that build in parallel, then one that needs them all. */
const wide = `version: 1
owner: acme
branches: DPTA-*
jobs:
${names.map((name) => `  ${name}: {}`).join('\n')}
  repoZ: { needs: [${names.join(', ')}] }
`

/** Requests about runs since the scene began, without dispatches: `Runs` for a query, else the repository; and whether GitHub counts it. */
function runRequests(scene: Scene): { what: string; isCounted: boolean }[] {
  return scene.sandbox.requests.flatMap(({ path, status, operation }) => {
    if (operation === 'Runs') return [{ what: 'Runs', isCounted: true }]
    const repo = /^\/repos\/acme\/(\w+)\/actions\/runs\/\d+(?:\?|$)/u.exec(path)?.[1]
    return repo === undefined ? [] : [{ what: repo, isCounted: status !== 304 }]
  })
}

async function wideScene(after: number, failing?: string): Promise<Scene> {
  const scene = await Scene.open({ graph: wide })
  for (const name of [...names, 'repoZ']) await scene.push(name, 'DPTA-1')
  for (const name of names) {
    const script = scene.builds.script(`acme/${name}`)
    if (name === failing) script.concludes('failure', { after: after / 3 })
    else script.concludes('success', { after })
  }
  return scene
}

test('fourteen parallel builds are polled by one query at a time, and each end is confirmed by a reading of its run', async () => {
  await using scene = await wideScene(90 * second)
  expect((await scene.orch('run DPTA-1 --no-status')).code).toBe(0)

  const asked = runRequests(scene)
  const queries = asked.filter(({ what }) => what === 'Runs').length
  expect(queries).toBeGreaterThan(5)
  expect(queries).toBeLessThan(30)
  for (const name of names) expect(asked.filter(({ what }) => what === name).length).toBeGreaterThanOrEqual(1)
  // The rest is the confirmations and the polls of the last ten running builds and of the last repository.
  expect(asked.filter(({ what, isCounted }) => what !== 'Runs' && isCounted).length).toBeLessThanOrEqual(14 + 10 + 3)
})

test('fourteen parallel builds are polled one by one where GraphQL is refused, and the change is still built', async () => {
  await using scene = await wideScene(60 * second)
  const body = { message: 'Not Found' }
  scene.sandbox.faults.add({ method: 'POST', path: /\/graphql$/u, action: { kind: 'respond', status: 404, body } })
  expect((await scene.orch('run DPTA-1 --no-status')).code).toBe(0)
  expect(runRequests(scene).filter(({ what }) => what === 'Runs').length).toBeLessThanOrEqual(1)
})

test('one failure among many parallel builds is explained, and what is not built yet is left out', async () => {
  await using scene = await wideScene(60 * second, 'repoG')
  const { code, outputLines } = await scene.orch('run DPTA-1 --no-status')
  expect(code).toBe(1)
  expect(outputLines.join('\n')).toMatch(/repoG\s+failed/u)
  expect(scene.dispatches()).not.toContain('repoZ build.yml@DPTA-1')
})
