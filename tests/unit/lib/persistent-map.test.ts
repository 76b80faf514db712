import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PersistentMap, Tally } from '../../../src/lib/persistent-map.js'

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `key${index}`)

/** The number of keys, and the keys that get a value, in order. */
const changes = fc.integer({ min: 1, max: 700 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    steps: fc.array(fc.tuple(fc.integer({ min: 0, max: count - 1 }), fc.integer({ min: 0, max: 3 })), {
      maxLength: 40,
    }),
  }),
)

describe('a persistent map', () => {
  test('a persistent map has the entries of a Map in the order of its keys, and never changes an earlier version', () => {
    fc.assert(
      fc.property(changes, ({ count, steps }) => {
        const keys = keysOf(count)
        let map = PersistentMap.of<number>(keys, (_key, index) => (index % 3 === 0 ? index : undefined))
        const plain = new Map([...map])
        for (const [index, value] of steps) {
          const [before, copy] = [map, [...map]]
          map = map.with(`key${index}`, value)
          plain.set(`key${index}`, value)
          expect([...before]).toEqual(copy)
        }
        expect([...map]).toEqual(keys.flatMap((key) => (plain.has(key) ? [[key, plain.get(key)]] : [])))
        expect(map.size).toBe(plain.size)
        for (const key of [...keys, 'another']) {
          expect(map.get(key)).toBe(plain.get(key))
          expect(map.has(key)).toBe(plain.has(key))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('changedSince returns where two versions of a persistent map differ', () => {
    fc.assert(
      fc.property(changes, ({ count, steps }) => {
        const first = PersistentMap.of(keysOf(count), () => 0)
        const last = steps.reduce((map, [index, value]) => map.with(`key${index}`, value), first)
        const different = keysOf(count).flatMap((key, index) => (first.get(key) === last.get(key) ? [] : [index]))
        expect(last.changedSince(first)).toEqual(different)
        expect(first.changedSince(last)).toEqual(different)
      }),
    )
  })

  test('a persistent map is the same object when nothing changes, and refuses other keys', () => {
    const map = PersistentMap.of(['a', 'b'], () => 1)
    expect(map.with('a', 1)).toBe(map)
    expect(map.map((value) => value)).toBe(map)
    expect(() => map.with('c', 1)).toThrow('c is not a key of the map')
    expect(() => PersistentMap.of(['a', 'a'], () => 1)).toThrow('the keys of a map must be unique')
    expect(map.changedSince(PersistentMap.of(['a', 'b'], () => 1))).toBeNull()
  })

  test('a tally counts again only the changed path of a persistent map', () => {
    let counted = 0
    const tally = new Tally<number, { sum: number; last: number }>({
      empty: () => ({ sum: 0, last: -1 }),
      count: (sum, value, index) => {
        counted += 1
        sum.sum += value ?? 0
        sum.last = index
      },
      add: (sum, part) => {
        sum.sum += part.sum
        sum.last = part.last
      },
    })
    const map = PersistentMap.of(keysOf(5_000), () => 1)
    expect(map.tally(tally)).toEqual({ sum: 5_000, last: 4_999 })
    expect(counted).toBe(5_000)
    expect(map.with('key1234', 10).tally(tally)).toEqual({ sum: 5_009, last: 4_999 })
    expect(counted).toBe(5_016)
  })
})
