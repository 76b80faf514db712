import fc from 'fast-check'
import { describe, test } from 'vitest'
import { checkHistory } from '../simulation/check-history.js'
import { anyHistory } from '../simulation/history.js'

/** The same few histories each time, of the 20,000 that `npm test` draws. One test each, so that a mutant ends at the first that breaks a law. */
const histories = fc.sample(anyHistory({ first: 1, last: 2 ** 31 - 1 }), { numRuns: 60, seed: 1 })

describe('random histories', () => {
  test.each(histories.map((history, index) => ({ index, history })))(
    'history $index keeps the laws',
    async ({ history }) => {
      // Throws where a law is broken.
      await checkHistory(history)
    },
  )
})
