import { describe, expect, test } from 'vitest'
import { answer, examined, healthy } from './support.js'

const readAll = { metadata: 'read', contents: 'read', pull_requests: 'read' } as const

describe('a repository', () => {
  test('that was renamed fails with its new name, and nothing else is asked about it', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.renameRepository('acme/repoC', 'shipping')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed repository repoC'] })
    expect(answer(result, 'repository', 'repoC').fix).toBe('Write acme/shipping in the graph file.')
    expect(result.checks.filter(({ repository }) => repository === 'acme/repoC')).toHaveLength(1)
  })

  test('that is archived fails', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.archiveRepository('acme/repoC')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed repository repoC'] })
    expect(answer(result, 'repository', 'repoC').message).toBe('it is archived, so nothing can run or be merged in it')
  })

  test('that does not exist, or is hidden from the token, fails', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.deleteRepository('acme/repoC')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed repository repoC'] })
    expect(answer(result, 'repository', 'repoC').message).toContain('does not exist, or this token cannot see it')
  })

  test('without a commit fails', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.deleteRepository('acme/repoC')
    await scene.sandbox.admin.createRepository('acme/repoC')
    const result = await examined(scene, '', { env })
    expect(answer(result, 'repository', 'repoC')).toMatchObject({ status: 'failed', message: 'it is empty' })
  })

  test('whose pull requests the token may not read fails with the permission', async () => {
    await using world = await healthy({ private: ['repoC'] })
    const { scene } = world
    const grants = { metadata: 'read', contents: 'read', actions: 'write', statuses: 'write' } as const
    const token = scene.sandbox.admin.createToken('somebody', { '*': grants })
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(answer(result, 'pull-request-permission', 'repoC').status).toBe('failed')
    expect(answer(result, 'pull-request-permission', 'repoC').fix).toContain('Pull requests: read on acme/repoC')
  })
})

describe('a token that may read but not write', () => {
  test('fails the check of commit statuses with the permission, in that repository alone', async () => {
    await using world = await healthy()
    const { scene } = world
    const full = { ...readAll, actions: 'write', statuses: 'write' } as const
    const token = scene.sandbox.admin.createToken('somebody', {
      '*': full,
      'acme/repoB': { ...full, statuses: 'read' },
    })
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    const denied = result.wrong.filter((text) => text.includes('permission'))
    expect({ code: result.code, denied }).toEqual({ code: 1, denied: ['failed status-permission repoB'] })
    expect(answer(result, 'status-permission', 'repoB').fix).toContain('Commit statuses: write on acme/repoB')
  })

  test('fails the check of dispatches with the permission', async () => {
    await using world = await healthy()
    const { scene } = world
    const token = scene.sandbox.admin.createToken('somebody', {
      '*': { ...readAll, actions: 'read', statuses: 'write' },
    })
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(answer(result, 'dispatch-permission', 'repoB')).toMatchObject({ status: 'failed' })
    expect(answer(result, 'dispatch-permission', 'repoB').fix).toContain('Actions: write on acme/repoB')
  })

  test('fails both for a person with the role read', async () => {
    await using world = await healthy()
    const { scene } = world
    scene.sandbox.admin.setRole('reader', 'read')
    const token = scene.sandbox.admin.createToken('reader')
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(answer(result, 'status-permission', 'repoB')).toMatchObject({
      status: 'failed',
      message: 'this token may not post commit statuses here',
      fix: 'Give the token Commit statuses: write, and its user write access to the repository.',
    })
    expect(answer(result, 'dispatch-permission', 'repoB').status).toBe('failed')
    expect(scene.dispatches()).toEqual([])
  })
})

describe('a change', () => {
  test('that no repository has fails, and names a branch that may be meant', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-11')
    const result = await examined(scene, 'DPTA-12', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed change'] })
    expect(answer(result, 'change').message).toContain('no repository of the graph has the branch DPTA-12')
    expect(answer(result, 'change').fix).toContain('Did you mean DPTA-11?')
  })

  test('whose branch differs in case somewhere fails', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    await scene.push('repoC', 'Dpta-1')
    const result = await examined(scene, 'DPTA-1', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed change'] })
    expect(answer(result, 'change').message).toContain('Dpta-1, which differs only in case')
  })

  test('with a draft is a warning, because it could not be merged as a set', async () => {
    await using world = await healthy()
    const { scene, env } = world
    const number = await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.setDraft('acme/repoB', number, true)
    const result = await examined(scene, 'DPTA-1', { env })
    expect(result).toMatchObject({ code: 0, wrong: ['warning change'] })
    expect(answer(result, 'change').message).toContain('acme/repoB#1 is a draft')
  })

  test('is not known while a repository cannot be read', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.deleteRepository('acme/repoC')
    const { code, wrong } = await examined(scene, 'DPTA-1', { env })
    expect({ code, wrong }).toEqual({ code: 1, wrong: ['unknown change', 'failed repository repoC'] })
  })
})
