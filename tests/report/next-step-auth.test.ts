import { describe, expect, test } from 'vitest'
import type { EventBody } from '../../src/model/build/events.js'
import type { Failure } from '../../src/model/failure.js'
import { nextStep } from '../../src/report/views/next-step.js'
import { examplePlan } from './support/plans.js'
import { Story, startedAt } from './support/story.js'

const noServer: Failure = { kind: 'server-error', message: 'GitHub answered 502', remedy: 'try again' }
const forbidden: Failure = { kind: 'forbidden', message: 'refused', remedy: 'give the token "Actions: write"' }

const refused = (job: string, failure: Failure): EventBody => ({ type: 'dispatch-refused', job, attempt: 1, failure })
const requested = (job: string): EventBody => ({ type: 'dispatch-requested', job, attempt: 1, serverTime: null })
const notPosted = (failure: Failure): EventBody => {
  const [target] = examplePlan().targets
  if (!target) throw new Error('the example plan has no pull request')
  return { type: 'status-failed', repo: target.repo, headSha: target.headSha, round: 'claim', failure }
}
const notRead = (failure: Failure): EventBody => {
  return { type: 'verified', stage: 'before-success', result: { kind: 'unreadable', failure }, nextAt: startedAt }
}

/** The advice at the end of a story with these events, which ends for want of a permission. */
function adviceAfter(...events: EventBody[]): string {
  const story = events.reduce((partial, event) => partial.at(1, event), new Story(examplePlan()))
  const { orchestration } = story.ends(2, 'unknown', 'the token was refused', true).last
  if (!orchestration.ending) throw new Error('the story has no ending')
  return nextStep(orchestration, orchestration.ending)
}

describe('the advice after exit code 4 names the permission that is missing', () => {
  test.each<[string, EventBody[]]>([
    ['a dispatch', [requested('repoB'), refused('repoB', forbidden)]],
    ['a status', [notPosted(forbidden)]],
    ['the reading before success', [notRead(forbidden)]],
  ])('where GitHub refused %s', (_what, events) => {
    expect(adviceAfter(...events)).toBe(
      'With exit code 4: give the token "Actions: write"; then run `orch run DPTA-1122`.',
    )
  })

  test('a failure for another reason does not hide it', () => {
    const events = [requested('repoB'), refused('repoB', noServer), requested('repoD'), refused('repoD', forbidden)]
    expect(adviceAfter(...events, notRead(noServer))).toContain(
      'With exit code 4: give the token "Actions: write"; then',
    )
  })

  test.each([
    ['the refusal has no advice', [notRead({ kind: 'forbidden', message: 'refused' })]],
    ['only failures for other reasons are known', [notRead(noServer)]],
    ['no failure is known', []],
  ])('it is general where %s', (_why, events) => {
    expect(adviceAfter(...events)).toContain('With exit code 4: give the token the missing permission; then')
  })
})
