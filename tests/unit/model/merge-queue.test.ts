import { describe, expect, test } from 'vitest'
import type { PullRequest } from '../../../src/model/change.js'
import { mergeQueueNote } from '../../../src/model/merge-queue.js'

function pullRequest(number: number, hasMergeQueue?: boolean): PullRequest {
  const base = { url: '', title: '', headRef: 'DPTA-1', headSha: 'a', baseRef: 'main', isDraft: false, isFork: false }
  return { number, ...base, ...(hasMergeQueue === undefined ? {} : { hasMergeQueue }) }
}

describe('mergeQueueNote', () => {
  test('there is no note where no base has a merge queue, or where GitHub does not say so', () => {
    expect(mergeQueueNote([{ repo: 'acme/b', pullRequests: [pullRequest(1, false), pullRequest(2)] }], 'ci')).toBeNull()
    expect(mergeQueueNote([], 'ci')).toBeNull()
  })

  test('the note names five pull requests, counts the rest, and names the status', () => {
    const members = Array.from({ length: 7 }, (_, index) => ({
      repo: `acme/r${index}`,
      pullRequests: [pullRequest(1, true), pullRequest(2, false)],
    }))
    const note = mergeQueueNote(members, 'orchestrator-build')
    expect(note).toMatch(
      /^a merge queue performs these merges: acme\/r0#1 into main, .*acme\/r4#1 into main and 2 more\./u,
    )
    expect(note).toContain('waits for orchestrator-build on a commit of its own')
  })
})
