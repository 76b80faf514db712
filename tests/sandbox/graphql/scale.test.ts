import { expect, test } from 'vitest'

import { at } from '../api/world.js'
import { createGraphqlWorld } from './world.js'

const REPOSITORIES = 1_000
const CHUNK = 50

const MEMBER = `fragment Member on Repository { nameWithOwner defaultBranchRef { target { oid } } ref(qualifiedName: "refs/heads/DPTA-1") { target { oid ... on Commit {
  status { context(name: "c") { state } } checkSuites(first: 10) { totalCount } } } } object(expression: "DPTA-1:build.yml") { ... on Blob { text } }
  pullRequests(headRefName: "DPTA-1", states: OPEN, first: 10) { nodes { number headRefOid } } }`

// This test times out if the cost of a change grows with the number of repositories.
test('a thousand repositories can be seeded, read in twenty queries and read as of an earlier time', async () => {
  const world = await createGraphqlWorld()
  const { admin, faults } = world.sandbox
  const names = Array.from({ length: REPOSITORIES }, (_, index) => `r${index}`)
  for (const name of names) {
    world.clock.advance(1)
    await admin.createRepository(`big/${name}`)
    await admin.commit(`big/${name}`, 'main', { 'build.yml': 'on: workflow_dispatch' })
    const head = await admin.commit(`big/${name}`, 'DPTA-1', { a: name })
    await admin.openPull(`big/${name}`, { head: 'DPTA-1' })
    await world.call('POST', `/repos/big/${name}/statuses/${head}`, { state: 'pending', context: 'c' })
  }
  const read = async (): Promise<unknown[]> => {
    const found: unknown[] = []
    for (let start = 0; start < names.length; start += CHUNK) {
      const asked = names.slice(start, start + CHUNK)
      const fields = asked.map((name) => `${name}: repository(owner: "big", name: "${name}") { ...Member }`)
      const { body } = await world.query(`query Plan { ${fields.join(' ')} } ${MEMBER}`)
      expect(at(body, 'errors')).toBeUndefined()
      found.push(...asked.map((name) => at(body, 'data', name)))
    }
    return found
  }
  const before = await read()
  world.clock.advance(60_000)
  for (const name of names.slice(0, 100)) await admin.commit(`big/${name}`, 'DPTA-1', { a: 'changed' })
  const after = await read()
  faults.add({ operation: 'Plan', action: { kind: 'stale-reads', ms: 30_000 } })

  expect(before).toHaveLength(REPOSITORIES)
  expect(before[7]).toMatchObject({
    nameWithOwner: 'big/r7',
    ref: { target: { oid: expect.any(String) as unknown, status: { context: { state: 'PENDING' } } } },
    object: { text: 'on: workflow_dispatch' },
    pullRequests: { nodes: [{ number: 1 }] },
  })
  expect(after.filter((each, index) => JSON.stringify(each) !== JSON.stringify(before[index]))).toHaveLength(100)
  expect(await read()).toEqual(before)
}, 60_000)
