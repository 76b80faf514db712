import { expect, test } from 'vitest'
import type { RecordedOrchestration } from '../../src/model/build/history.js'
import { OrchestrationPage } from '../../src/service/pages/change/orchestration-page.js'
import { renderPage } from '../../src/service/pages/layout.js'
import { examplePlan } from '../report/support/plans.js'
import { Story, orchestrationId, startedAt } from '../report/support/story.js'

/** The page of an orchestration that has asked for a status, without the answer. */
function pageOf(state: RecordedOrchestration['state']): string {
  const story = new Story(examplePlan())
  const [target] = story.plan.targets
  if (!target) throw new Error('the plan has a target')
  story.at(1, { type: 'status-requested', ...target, round: 'claim', state: 'pending', description: 'run:x' })
  const { orchestration } = story.last
  const entry = { id: orchestrationId, location: 'a journal', state, driver: null, orchestration }
  return renderPage(OrchestrationPage({ entry, now: startedAt + 5_000, visitor: { name: 'ada', formToken: null } }))
}

test('a status that was requested is in doubt only if nobody waits for its answer any more', () => {
  expect(pageOf('running')).toContain('waiting for GitHub to answer')
  expect(pageOf('running')).not.toContain('unclear')
  expect(pageOf('unfinished')).toContain('unclear: no answer to the request to lock it')
  expect(pageOf('unfinished')).toContain('requested, not answered')
})
