import { describe, expect, test } from 'vitest'
import { ChangeTurns } from '../../../src/service/triggers/change-turns.js'
import { PromiseClock } from '../../support/promise-clock.js'

/** Turns of changes, each of which takes a second and is recorded as `at 5: a, b`. */
function turns(work: (branch: string) => Promise<void> = () => Promise.resolve()) {
  const clock = new PromiseClock()
  const start = clock.now()
  const taken: string[] = []
  const all = new ChangeTurns<string>(clock, async (branch, requests) => {
    taken.push(`${branch} at ${(clock.now() - start) / 1_000}: ${requests.map(({ trigger }) => trigger).join(', ')}`)
    await clock.sleep(1_000)
    await work(branch)
    return `done ${taken.length}`
  })
  const request = (trigger: string, branch = 'DPTA-1', signal = new AbortController().signal): Promise<string> =>
    all.request(branch, { delivery: trigger, trigger, signal })
  return { clock, taken, request }
}

describe('the turns of a change', () => {
  test('the first event is handled at once, and those that follow within five seconds together', async () => {
    const { clock, taken, request } = turns()
    const results = [request('a'), request('b')]
    await clock.advance(2_000)
    results.push(request('c'))
    expect(await clock.until(Promise.all(results))).toEqual(['done 1', 'done 2', 'done 2'])
    expect(taken).toEqual(['DPTA-1 at 0: a', 'DPTA-1 at 5: b, c'])
  })

  test('an event after five quiet seconds is handled at once again', async () => {
    const { clock, taken, request } = turns()
    await clock.until(request('a'))
    await clock.advance(5_000)
    await clock.until(request('b'))
    expect(taken).toEqual(['DPTA-1 at 0: a', 'DPTA-1 at 6: b'])
  })

  test('a stream of events is handled every five seconds, and does not put a turn off for ever', async () => {
    const { clock, taken, request } = turns()
    const results: Promise<string>[] = []
    for (let second = 0; second < 12; second += 1) {
      results.push(request(String(second)))
      await clock.advance(1_000)
    }
    await clock.until(Promise.all(results))
    expect(taken.map((turn) => turn.split(':')[0])).toEqual([
      'DPTA-1 at 0',
      'DPTA-1 at 5',
      'DPTA-1 at 10',
      'DPTA-1 at 15',
    ])
  })

  test('changes do not wait for each other', async () => {
    const { clock, taken, request } = turns()
    await clock.until(Promise.all([request('a', 'DPTA-1'), request('b', 'DPTA-2')]))
    expect(taken).toEqual(['DPTA-1 at 0: a', 'DPTA-2 at 0: b'])
  })

  test('a turn that fails fails for all of its events, and the next one is taken', async () => {
    let failures = 1
    const { clock, request } = turns(() =>
      (failures -= 1) >= 0 ? Promise.reject(new Error('GitHub is down')) : Promise.resolve(),
    )
    await expect(clock.until(request('a'))).rejects.toThrow('GitHub is down')
    expect(await clock.until(request('a'))).toBe('done 2')
  })

  test('an event whose task is handed to another process is taken out of the turn that waits', async () => {
    const { clock, taken, request } = turns()
    const handed = new AbortController()
    const results = Promise.allSettled([request('a'), request('b', 'DPTA-1', handed.signal), request('c')])
    await clock.advance(1_500)
    handed.abort()
    expect((await clock.until(results)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(taken).toEqual(['DPTA-1 at 0: a', 'DPTA-1 at 5: c'])
  })
})
