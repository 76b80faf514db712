import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SlotAllocator } from '../../../../src/engine/build/schedule/slot-allocator.js'

describe('slot allocator', () => {
  test('the slot allocator gives the slots to the lowest ranks that request one after any change', () => {
    const step = fc.record({
      rank: fc.integer({ min: 0, max: 9 }),
      isWanted: fc.boolean(),
      limit: fc.integer({ min: 0, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const allocator = new SlotAllocator(10)
        const wanted = new Set<number>()
        const held = new Set<number>()
        for (const { rank, isWanted, limit } of steps) {
          allocator.request(rank, isWanted)
          if (isWanted) wanted.add(rank)
          else wanted.delete(rank)
          const moved = new Set([...allocator.allocate(limit), rank])
          const due = [...wanted].sort((one, other) => one - other).slice(0, limit)
          for (let each = 0; each < 10; each += 1) {
            expect(allocator.hasSlot(each)).toBe(due.includes(each))
            // A rank that is not returned keeps its slot or stays without one.
            if (!moved.has(each)) expect(held.has(each)).toBe(due.includes(each))
          }
          held.clear()
          for (const each of due) held.add(each)
        }
      }),
    )
  })
})
