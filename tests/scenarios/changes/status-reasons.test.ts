import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** What `orch status` says below its table, as one line. */
async function said(scene: Scene): Promise<string> {
  const { stdout } = await scene.orch('status DPTA-1')
  return stdout
    .slice(stdout.search(/^(?:Pending|Not green)/mu))
    .trim()
    .replace(/\s+/gu, ' ')
    .replace(/\b[0-9a-z]{16}\b/gu, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/gu, 'TIME')
}

async function change(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  return scene
}

describe('orch status says why a change is not green, and what is next', () => {
  test('no run ever was', async () => {
    await using scene = await change()
    expect(await said(scene)).toBe(
      'Pending. repoB, repoE: nothing was built for this commit: it has no status Next: orch run DPTA-1',
    )
  })

  test('who locked it, when and why', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1')
    await scene.orch(['invalidate', 'DPTA-1', '--reason', 'the library moved'])
    expect(await said(scene)).toBe(
      'Pending. repoB, repoE: locked: the library moved (developer, TIME) Next: orch run DPTA-1',
    )
  })

  test('an orchestration has it locked', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    expect(await said(scene)).toMatch(
      /^Pending\. repoB, repoE: locked by the orchestration ID: .+ \(developer, TIME\) Next: orch watch ID$/u,
    )
    scene.builds.script('acme/repoB').release('success')
    await scene.clock.until(running.ended)
  })

  test('a build failed', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoE').concludes('failure')
    await scene.orch('run DPTA-1')
    expect(await said(scene)).toMatch(
      /^Not green\. repoB, repoE: the orchestration ID ended: .*repoE.* \(developer, TIME\) Next: orch run DPTA-1$/u,
    )
  })

  test('it was tested with other commits', async () => {
    await using scene = await change()
    await scene.orch('run DPTA-1')
    await scene.push('repoE', 'DPTA-1')
    expect(await said(scene)).toBe(
      'Not green. repoB: tested with other commits or bases by the orchestration ID (developer, TIME) repoE: nothing was built for this commit: it has no status Next: orch run DPTA-1',
    )
  })

  test('somebody else posted a success', async () => {
    await using scene = await change()
    await scene.postStatus('repoB', await scene.head('repoB', 'DPTA-1'), 'success', 'all good')
    expect(await said(scene)).toContain('repoB: success that orch did not post (')
  })

  test('no pull request is open', async () => {
    await using scene = await Scene.open()
    await scene.sandbox.admin.commit('acme/repoB', 'DPTA-1', { 'change.txt': 'one\n' })
    expect(await said(scene)).toBe('Not green. no pull request is open for DPTA-1 Next: gh pr create')
  })
})
