import { describe, expect, test } from 'vitest'
import { withIntent } from '../../../../src/engine/kernel/intent.js'
import type { Intent } from '../../../../src/engine/kernel/intent.js'

interface Asked {
  name: string
}

/**
 * Sends a request whose port asks as often as there are states of the action; the state says whether it is pending then. Returns the
 * journaled intents, and whether the request was sent.
 */
async function send(pending: readonly boolean[], again?: Intent<Asked>['again']): Promise<[string[], boolean]> {
  const journaled: string[] = []
  let asks = -1
  const context = {
    pending: (key: string) => (key === 'order' && pending[asks] === true ? {} : undefined),
    emitIntent: (isStillDue: () => boolean, { name }: Asked) => {
      if (isStillDue()) journaled.push(name)
      return Promise.resolve(isStillDue())
    },
  }
  const intent = { key: 'order', event: () => ({ name: `intent ${asks + 1}` }), ...(again ? { again } : {}) }
  const isSent = await withIntent(context, intent, async (beforeSend) => {
    for (asks = 0; asks < pending.length; asks += 1) if (!(await beforeSend())) return false
    return true
  })
  return [journaled, isSent]
}

describe('an intent', () => {
  test('it is journaled before the request is sent, which is sent only while the action is pending', async () => {
    expect(await send([true])).toEqual([['intent 1'], true])
    expect(await send([false])).toEqual([[], false])
  })

  test('without a rule for a second question it is journaled again while the action is pending', async () => {
    expect(await send([true, true])).toEqual([['intent 1', 'intent 2'], true])
    expect(await send([true, false])).toEqual([['intent 1'], false])
  })

  test('with a rule it is journaled again, or not, while the request is wanted, although the action is not pending', async () => {
    const rule = (isWanted: boolean, isJournaled: boolean): Intent<Asked>['again'] => ({
      isWanted: () => isWanted,
      isJournaled,
    })
    expect(await send([true, false], rule(true, true))).toEqual([['intent 1', 'intent 2'], true])
    expect(await send([true, true], rule(false, true))).toEqual([['intent 1'], false])
    expect(await send([true, false], rule(true, false))).toEqual([['intent 1'], true])
    expect(await send([true, true], rule(false, false))).toEqual([['intent 1'], false])
  })

  test('the rule for a second question does not count before the intent is journaled', async () => {
    expect(await send([false], { isWanted: () => true, isJournaled: false })).toEqual([[], false])
    expect(await send([true], { isWanted: () => false, isJournaled: true })).toEqual([['intent 1'], true])
  })
})
