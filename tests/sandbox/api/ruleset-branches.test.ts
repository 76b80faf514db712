import { describe, expect, test } from 'vitest'
import type { ApiWorld } from './world.js'
import { at, createApiWorld } from './world.js'

const repo = '/repos/acme/lib'

async function withRuleset(include: string[], exclude: string[]): Promise<ApiWorld> {
  const world = await createApiWorld()
  const { status } = await world.json('POST', `${repo}/rulesets`, {
    name: 'locked',
    enforcement: 'active',
    conditions: { ref_name: { include, exclude } },
    rules: [{ type: 'update' }],
  })
  expect(status).toBe(201)
  return world
}

/** Returns the types of the rules that apply to a branch. */
async function rulesOf(world: ApiWorld, branch: string): Promise<unknown[]> {
  const { body } = await world.json('GET', `${repo}/rules/branches/${encodeURIComponent(branch)}`)
  return (body as unknown[]).map((rule) => at(rule, 'type'))
}

describe('ruleset branches', () => {
  test.each<[include: string[], exclude: string[], branch: string, applies: boolean]>([
    [['~ALL'], [], 'DPTA-1', true],
    [['~ALL'], ['refs/heads/DPTA-*'], 'DPTA-1', false],
    [['~ALL'], ['refs/heads/DPTA-*'], 'other', true],
    [['~ALL'], ['~DEFAULT_BRANCH'], 'main', false],
    [['~ALL'], ['~DEFAULT_BRANCH'], 'DPTA-1', true],
    [['refs/heads/release/**/*'], ['refs/heads/release/old/*'], 'release/old/1', false],
    [['refs/heads/release/**/*'], ['refs/heads/release/old/*'], 'release/new/1', true],
    [['~DEFAULT_BRANCH'], ['~ALL'], 'main', false],
    [['~DEFAULT_BRANCH'], ['refs/heads/x', 'refs/heads/main'], 'main', false],
  ])('a ruleset with include %j and exclude %j applies to %s: %s', async (include, exclude, branch, applies) => {
    const world = await withRuleset(include, exclude)
    expect(await rulesOf(world, branch)).toEqual(applies ? ['update'] : [])
  })

  test('a pull request into a branch that a ruleset excludes can be merged, and into another branch it cannot', async () => {
    const merge = async (exclude: string[]): Promise<number> => {
      const world = await withRuleset(['~ALL'], exclude)
      await world.sandbox.admin.commit('acme/lib', 'DPTA-1', { 'a.txt': 'a\n' })
      await world.sandbox.admin.openPull('acme/lib', { head: 'DPTA-1', title: 'Change A' })
      return (await world.json('PUT', `${repo}/pulls/1/merge`, {})).status
    }
    expect(await merge(['refs/heads/main'])).toBe(200)
    expect(await merge(['refs/heads/DPTA-1'])).toBe(405)
  })
})
