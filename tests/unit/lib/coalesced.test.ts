import { describe, expect, test } from 'vitest'
import { coalesced } from '../../../src/lib/coalesced.js'
import { createDeferred } from '../../../src/lib/deferred.js'

describe('what many ask for', () => {
  test('is done once for the first, and once more for all who ask meanwhile', async () => {
    const begun: string[] = []
    const gate = createDeferred<null>()
    const ask = coalesced(async (key) => {
      begun.push(key)
      await gate.promise
    })
    const all = [ask('a'), ask('a'), ask('a'), ask('b')]
    expect(begun).toEqual(['a', 'b'])
    gate.resolve(null)
    await Promise.all(all)
    expect(begun).toEqual(['a', 'b', 'a'])
    await ask('a')
    expect(begun).toEqual(['a', 'b', 'a', 'a'])
  })

  test('fails for those for whom it was done, and is done for the next', async () => {
    let count = 0
    const ask = coalesced(() => {
      count += 1
      return count === 1 ? Promise.reject(new Error('away')) : Promise.resolve()
    })
    const [first, second] = [ask('a'), ask('a')]
    await expect(first).rejects.toThrow('away')
    await expect(second).resolves.toBeUndefined()
  })
})
