import { describe, expect, test } from 'vitest'
import { DueList } from '../../../../src/engine/kernel/due-list.js'
import type { DueAction } from '../../../../src/engine/kernel/due-list.js'

function action(key: string, at: number, order: Partial<DueAction> = {}): DueAction {
  return { key, at, priority: 0, index: 0, ...order }
}

const keysOf = (entries: readonly { key: string }[]): string[] => entries.map(({ key }) => key)

describe('due list', () => {
  test('an action is taken as soon as its time has come, and not before', () => {
    const list = new DueList()
    list.replace(1, [action('later', 20), action('now', 10)])
    expect(list.nextAt()).toBe(10)
    expect(list.take(9)).toEqual([])
    expect(keysOf(list.take(10))).toEqual(['now'])
    expect(list.nextAt()).toBe(20)
    expect(keysOf(list.take(25))).toEqual(['later'])
    expect(list.nextAt()).toBe(Infinity)
  })

  test('actions that are due together start by their priority, then by their index, whatever their times were', () => {
    const list = new DueList()
    const first = action('first', 3, { priority: 1, index: 9 })
    const second = action('second', 1, { priority: 2, index: 3 })
    const third = action('third', 2, { priority: 2, index: 4 })
    list.replace(1, [third, first, second])
    expect(keysOf(list.all())).toEqual(['first', 'second', 'third'])
    expect(keysOf(list.take(5))).toEqual(['first', 'second', 'third'])
  })

  test('a taken action is taken again only when it is released while it is pending', () => {
    const list = new DueList()
    list.replace(1, [action('read', 0)])
    expect(keysOf(list.take(0))).toEqual(['read'])
    expect(list.take(0)).toEqual([])
    list.replace(1, [action('read', 5)])
    expect(list.nextAt()).toBe(Infinity)
    list.release('read')
    expect(list.nextAt()).toBe(5)
    expect(keysOf(list.take(5))).toEqual(['read'])
    list.replace(1, [])
    list.release('read')
    expect(list.nextAt()).toBe(Infinity)
  })

  test('the release of an action that nobody took does not start it twice', () => {
    const list = new DueList()
    list.replace(1, [action('read', 0)])
    list.release('read')
    list.release('unknown')
    expect(keysOf(list.take(0))).toEqual(['read'])
    expect(list.take(0)).toEqual([])
  })

  test('an action that is postponed is not taken at its earlier time, and one that is preferred is taken at its new time', () => {
    const list = new DueList()
    list.replace(1, [action('postponed', 1), action('preferred', 9)])
    list.replace(1, [action('postponed', 9), action('preferred', 1)])
    expect(keysOf(list.take(1))).toEqual(['preferred'])
    expect(list.nextAt()).toBe(9)
  })

  test('a change of the priority, the index or the owner alone is noted', () => {
    const list = new DueList()
    list.replace(1, [action('one', 0, { priority: 1 }), action('other', 0, { priority: 2 })])
    list.replace(1, [action('one', 0, { priority: 3 }), action('other', 0, { priority: 2 })])
    expect(keysOf(list.all())).toEqual(['other', 'one'])
    list.replace(1, [action('one', 0, { priority: 2, index: 1 }), action('other', 0, { priority: 2, index: 2 })])
    expect(keysOf(list.take(0))).toEqual(['one', 'other'])
    list.replace(2, [action('one', 0, { priority: 2, index: 1 })])
    expect(list.get('one')?.owner).toBe(2)
    expect(list.get('other')?.owner).toBe(1)
    expect(list.get('unknown')).toBeUndefined()
  })

  test('the actions of an owner replace its earlier ones and leave those of other owners alone', () => {
    const list = new DueList()
    list.replace(1, [action('read 1', 0), action('cancel 1', 0)])
    list.replace(2, [action('read 2', 0)])
    list.replace(1, [action('cancel 1', 0)])
    expect(keysOf(list.all())).toEqual(['cancel 1', 'read 2'])
    list.replace(1, [])
    list.replace(3, [])
    expect(keysOf(list.all())).toEqual(['read 2'])
    list.replace(1, [])
    expect(keysOf(list.take(0))).toEqual(['read 2'])
  })

  test('an owner that has had no action for a while can have one again', () => {
    const list = new DueList()
    list.replace(1, [action('read', 0)])
    list.replace(1, [])
    list.replace(2, [action('read', 7)])
    list.replace(1, [])
    expect(list.nextAt()).toBe(7)
  })

  test('an action that was postponed a thousand times while another one was in flight starts once', () => {
    const list = new DueList()
    list.replace(1, [action('in flight', 0)])
    list.replace(3, [action('much later', 9_000)])
    expect(keysOf(list.take(0))).toEqual(['in flight'])
    for (let at = 1; at <= 1_000; at += 1) list.replace(2, [action('read', at)])
    expect(list.nextAt()).toBe(1_000)
    expect(keysOf(list.take(2_000))).toEqual(['read'])
    list.release('in flight')
    expect(keysOf(list.take(2_000))).toEqual(['in flight'])
    expect(keysOf(list.take(9_000))).toEqual(['much later'])
  })
})
