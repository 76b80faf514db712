import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const allowList =
  'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.'

async function changeInB(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  return scene
}

describe('refusal of every request (403)', () => {
  test.each([
    ['an IP allow list', allowList, 1, 'run from an address on the IP allow list of acme'],
    ['a blocked repository', 'Repository access blocked', 1, 'ask GitHub Support'],
    ['an unpaid bill', "Your account's billing is currently locked.", 1, 'must settle its billing'],
    ['a reason that is not known', 'This is a teapot.', 1, "do what GitHub's message asks for"],
    ['a suspended installation', 'This installation has been suspended', 4, 'unsuspend the GitHub App'],
    ['a suspended account', 'Sorry. Your account was suspended.', 4, 'use a token of another account'],
    [
      'a kind of token that the organization forbids',
      '`acme` forbids access via a personal access token (classic). Please use a GitHub App.',
      4,
      'use a token that acme allows',
    ],
    ['a missing permission', 'Resource not accessible by personal access token', 4, 'give the token Metadata: read'],
  ])('%s is reported in the words of GitHub', async (_, message, exitCode, remedy) => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ action: { kind: 'respond', status: 403, body: { message } } })
    for (const command of ['plan DPTA-1', 'run DPTA-1', 'status DPTA-1']) {
      const { code, stdout, stderr } = await scene.orch(command)
      expect([command, code]).toEqual([command, exitCode])
      expect(stdout + stderr).toContain(message.replace(/\.$/u, ''))
    }
    const { stderr } = await scene.orch('plan DPTA-1')
    expect(stderr).toContain(remedy)
    expect(stderr.includes('lacks a permission')).toBe(message.startsWith('Resource not accessible'))
  })
})

describe('refusal of one kind of request', () => {
  test.each([
    ['an IP allow list', 403, allowList, 1],
    ['Actions that are disabled for the repository', 422, 'Actions has been disabled for this repository.', 1],
    ['Actions that are disabled for the user', 422, 'Actions has been disabled for this user.', 1],
    ['a missing permission', 403, 'Resource not accessible by integration', 4],
  ])('a dispatch that is refused because of %s fails the job', async (_, status, message, exitCode) => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ path: /\/dispatches$/u, action: { kind: 'respond', status, body: { message } } })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(exitCode)
    expect(stdout).toContain(message.replace(/\.$/u, ''))
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^(?:failure|error)/u)
  })

  test('a status that an IP allow list refuses ends the run with exit code 1', async () => {
    await using scene = await changeInB()
    const action = { kind: 'respond' as const, status: 403, body: { message: allowList } }
    scene.sandbox.faults.add({ path: /\/statuses\/[0-9a-f]{40}$/u, method: 'POST', action })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('has an IP allow list enabled')
    expect(stdout).not.toContain('With exit code 4')
  })
})
