import { describe, expect, test } from 'vitest'
import type { Database, Query } from '../../../src/service/database/database.js'
import { DatabaseUnreachable } from '../../../src/service/database/unreachable.js'
import { createInsert } from '../../../src/service/deliveries/insert-deliveries.js'
import type { NewDelivery } from '../../../src/service/deliveries/insert-deliveries.js'

/** A table that stores what it is given, unless `refuse` names a reason; statements take one turn of the event loop. */
class Table {
  readonly stored = new Set<string>()
  readonly statements: string[][] = []
  refuse: (ids: readonly string[]) => Error | null = () => null

  readonly insert = createInsert({
    query: ((_sql: string, values: readonly unknown[]) => this.write(values)) as Query,
  } as Database)

  private async write([ids]: readonly unknown[]): Promise<{ id: string }[]> {
    const given = ids as string[]
    this.statements.push(given)
    await new Promise((resolve) => setImmediate(resolve))
    const refusal = this.refuse(given)
    if (refusal) throw refusal
    const added = [...new Set(given)].filter((id) => !this.stored.has(id))
    for (const id of added) this.stored.add(id)
    return added.map((id) => ({ id }))
  }
}

function delivery(id: string, json = '{}'): NewDelivery {
  return { id, event: 'push', action: null, repository: null, receivedAt: 0, json, ignoredFor: null }
}

describe('deliveries that arrive in a crowd', () => {
  test('are stored together while an earlier one is being written', async () => {
    const table = new Table()
    const results = await Promise.all(['a', 'b', 'c', 'd'].map((id) => table.insert(delivery(id))))
    expect(results).toEqual([true, true, true, true])
    expect(table.statements).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('with one id are new once', async () => {
    const table = new Table()
    const results = await Promise.all(['a', 'b', 'b', 'a'].map((id) => table.insert(delivery(id))))
    expect(results).toEqual([true, true, false, false])
  })

  test('are split where their payloads are large', async () => {
    const table = new Table()
    const large = 'x'.repeat(3_000_000)
    await Promise.all(['a', 'b', 'c'].map((id) => table.insert(delivery(id, large))))
    expect(table.statements).toEqual([['a'], ['b'], ['c']])
  })

  test('are stored although the database refuses one of them', async () => {
    const table = new Table()
    table.refuse = (ids) => (ids.includes('c') ? new Error('invalid byte sequence') : null)
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((id) => table.insert(delivery(id))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect([...table.stored]).toEqual(['a', 'b', 'd'])
  })

  test('are refused at once, without being tried one by one, while the database cannot be reached', async () => {
    const table = new Table()
    table.refuse = () => new DatabaseUnreachable('postgres://test', new Error('ECONNREFUSED'))
    const results = await Promise.allSettled(['a', 'b', 'c'].map((id) => table.insert(delivery(id))))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(table.statements).toEqual([['a'], ['b', 'c']])
    table.refuse = () => null
    expect(await table.insert(delivery('d'))).toBe(true)
  })
})
