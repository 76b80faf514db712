import { expect, test } from 'vitest'
import { counted } from '../../../src/lib/counted.js'

test.each([
  [0, 'job', '0 jobs'],
  [1, 'job', '1 job'],
  [2, 'job', '2 jobs'],
  [1, 'repository', '1 repository'],
  [2, 'repository', '2 repositories'],
  [2, 'delay', '2 delays'],
  [2, 'dispatch', '2 dispatches'],
  [2, 'success', '2 successes'],
  [2, 'job status', '2 job statuses'],
  [2, 'pull request', '2 pull requests'],
])('%i of the noun "%s" is written as "%s"', (count, noun, text) => {
  expect(counted(count, noun)).toBe(text)
})
