import type { Finding } from '../../../src/model/build/state/verification.js'
import { examplePlan, shaOf, sketchPlan } from './plans.js'
import { Story, startedAt } from './story.js'

export const hostileText =
  '::error::x\n##[add-mask]y\r\u001b[2J\u001b]0;t\u0007\u202egpj\u2066|`a` @octocat <b>[l](u)\u{e0041}\ud800\u200b'

export function succeeded(): Story {
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .builds(2, 67, 'repoB')
    .builds(2, 90, 'repoD')
    .verifies(91, 'before-success')
    .posts(92, 'success', 'success')
    .verifies(93, 'after-success')
    .ends(93, 'succeeded', 'every build succeeded and every pull request of the change is unlocked')
}

export function failed(): Story {
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .dispatches(2, 'repoB')
    .dispatches(2, 'repoD')
    .sees(4, 'repoB', 'queued')
    .sees(4, 'repoD', 'in_progress')
    .sees(9, 'repoB', 'in_progress')
    .sees(14, 'repoB', 'in_progress')
    .sees(65, 'repoB', 'completed', 'failure')
    .settles(65, 'repoB', 'failed', 'its run concluded failure')
    .at(65, { type: 'cancel-requested', job: 'repoD', runId: 21_000_000_003, reason: 'fail-fast', force: false })
    .at(65, { type: 'cancel-answered', job: 'repoD', runId: 21_000_000_003, result: 'requested' })
    .explains(66, 'repoB', {
      workflowJob: 'build',
      step: 'Run tests',
      url: 'https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7',
      logTail: ['not ok 1 - parses dates', '\u001b[31m  expected 2026-11-21\u001b[0m', 'Error: 1 test failed'],
    })
    .sees(70, 'repoD', 'completed', 'cancelled')
    .settles(70, 'repoD', 'cancelled', 'cancelled because another build did not succeed')
    .posts(71, 'closing', 'failure')
    .ends(71, 'failed', 'repoB failed: its run concluded failure')
}

export function timedOut(): Story {
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .dispatches(2, 'repoB')
    .sees(4, 'repoB', 'in_progress')
    .at(1804, { type: 'cancel-requested', job: 'repoB', runId: 21_000_000_001, reason: 'job-timeout', force: false })
    .at(1864, { type: 'cancel-requested', job: 'repoB', runId: 21_000_000_001, reason: 'job-timeout', force: true })
    .sees(1870, 'repoB', 'completed', 'cancelled')
    .settles(1870, 'repoB', 'timed-out', 'its run was in progress for longer than timeout-minutes')
    .settles(1870, 'repoD', 'not-run', 'not started: repoB timed out')
    .posts(1871, 'closing', 'failure')
    .ends(1871, 'timed-out', 'repoB timed out: its run was in progress for longer than timeout-minutes')
}

/** A run that waits for an approval after its first workflow job, and is rejected; another one that is not approved in time. */
export function awaitingApproval(): Story {
  const plan = examplePlan()
  const jobs = plan.graph.jobs.map((job) => ({ ...job, approvalTimeoutMs: 30 * 60_000 }))
  const url = (job: string, run: number): string => `https://github.com/ismenablement/${job}/actions/runs/${run}`
  const production = { environment: 'production', reviewers: ['alice', 'team release'], timerEndsAt: null }
  const reason = 'its run concluded failure after it waited for the approval of the environment production by alice'
  return new Story({ ...plan, graph: { ...plan.graph, jobs } })
    .posts(1, 'claim', 'pending')
    .dispatches(2, 'repoB')
    .dispatches(2, 'repoD')
    .sees(4, 'repoB', 'in_progress')
    .sees(5, 'repoD', 'waiting')
    .at(5, {
      type: 'pending-deployments-read',
      job: 'repoD',
      runId: 21_000_000_003,
      url: url('repoD', 21_000_000_003),
      deployments: null,
      failure: { kind: 'server-error', message: 'GitHub answered 502', httpStatus: 502 },
    })
    .sees(60, 'repoB', 'waiting')
    .at(60, {
      type: 'pending-deployments-read',
      job: 'repoB',
      runId: 21_000_000_001,
      url: url('repoB', 21_000_000_001),
      deployments: [production],
      failure: null,
    })
    .sees(600, 'repoB', 'completed', 'failure')
    .settles(600, 'repoB', 'failed', reason)
    .explains(601, 'repoB', {
      workflowJob: null,
      step: null,
      url: url('repoB', 21_000_000_001),
      logTail: [],
      rejection: { environments: ['production'], by: 'alice', comment: 'Not on a Friday.' },
    })
    .at(1805, {
      type: 'cancel-requested',
      job: 'repoD',
      runId: 21_000_000_003,
      reason: 'approval-timeout',
      force: false,
    })
    .sees(1810, 'repoD', 'completed', 'cancelled')
    .settles(1810, 'repoD', 'timed-out', 'its run waited for an approval, for longer than approval-timeout-minutes')
    .posts(1811, 'closing', 'failure')
    .ends(1811, 'failed', `repoB failed: ${reason}`)
}

export function superseded(): Story {
  const findings: Finding[] = [
    { kind: 'head-moved', repo: 'ismenablement/repoB', message: 'ismenablement/repoB moved from 0202020 to 9999999' },
  ]
  const story = new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .builds(2, 60, 'repoB')
    .builds(2, 61, 'repoD')
    .at(62, { type: 'verified', stage: 'before-success', result: { kind: 'moved', findings }, nextAt: startedAt })
  const withheld = story.plan.targets[0]!
  const reason = 'its newest status is not of this orchestration'
  return story
    .at(63, { type: 'status-withheld', ...withheld, round: 'closing', reason })
    .ends(63, 'superseded', findings[0]!.message)
}

export function partiallyMerged(): Story {
  const findings: Finding[] = [
    {
      kind: 'pull-request-merged',
      repo: 'ismenablement/repoB',
      message: 'ismenablement/repoB#11 was merged',
    },
    { kind: 'head-moved', repo: 'ismenablement/repoD', message: 'ismenablement/repoD moved from 0404040 to 9999999' },
  ]
  const story = new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .builds(2, 60, 'repoB')
    .builds(2, 61, 'repoD')
    .at(62, { type: 'verified', stage: 'before-success', result: { kind: 'moved', findings }, nextAt: startedAt })
  return story.ends(
    63,
    'partially-merged',
    `${findings[0]!.message}, but the rest of the change moved: ${findings[1]!.message}`,
  )
}

export function cancelled(): Story {
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .dispatches(2, 'repoB')
    .sees(4, 'repoB', 'in_progress')
    .at(10, { type: 'interrupted', signal: 'SIGINT', cause: 'signal' })
    .at(10, { type: 'cancel-requested', job: 'repoB', runId: 21_000_000_001, reason: 'interrupted', force: false })
    .settles(11, 'repoD', 'not-run', 'not started: the orchestration was interrupted')
    .settles(12, 'repoB', 'cancelled', 'cancelled because the orchestration was interrupted')
    .posts(12, 'closing', 'error')
    .ends(12, 'cancelled', 'interrupted by SIGINT; its runs were cancelled')
}

const noAnswer = { kind: 'network' as const, message: 'the connection was cut before the answer came' }
const notListed = { kind: 'server-error' as const, message: 'GitHub answered 502', httpStatus: 502 }

/** A dispatch without an answer, whose run is looked for by a second process, too. */
function searching(): Story {
  const nextAt = startedAt + 10_000
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .at(2, { type: 'dispatch-requested', job: 'repoB', attempt: 1, serverTime: startedAt + 2000 })
    .at(5, { type: 'dispatch-ambiguous', job: 'repoB', attempt: 1, failure: noAnswer })
    .at(8, { type: 'listing-failed', job: 'repoB', failure: notListed, nextAt })
    .at(9, { type: 'listing-failed', job: 'repoB', failure: notListed, nextAt })
    .at(12, { type: 'runs-listed', job: 'repoB', found: [], nextAt })
    .at(20, { type: 'resumed' })
}

/** A dispatch without an answer whose run is found. */
export function found(): Story {
  const runId = 21_000_000_001
  const url = `https://github.com/ismenablement/repoB/actions/runs/${runId}`
  return searching()
    .at(22, { type: 'runs-listed', job: 'repoB', found: [{ runId, url }], nextAt: startedAt })
    .at(22, { type: 'run-adopted', job: 'repoB', attempt: 1, runId, url })
    .sees(24, 'repoB', 'in_progress')
    .sees(67, 'repoB', 'completed', 'success')
    .settles(67, 'repoB', 'succeeded', 'its run succeeded')
    .builds(68, 90, 'repoD')
    .verifies(91, 'before-success')
    .posts(92, 'success', 'success')
    .verifies(93, 'after-success')
    .ends(93, 'succeeded', 'every build succeeded and every pull request of the change is unlocked')
}

/** A dispatch without an answer whose run does not appear. */
export function notFound(): Story {
  const reason = 'it is not known whether a run started: the connection was cut before the answer came; no run appeared'
  return searching()
    .at(142, { type: 'runs-listed', job: 'repoB', found: [], nextAt: startedAt })
    .settles(142, 'repoB', 'unknown', reason)
    .settles(142, 'repoD', 'not-run', 'not started: repoB ended in an unknown state')
    .posts(143, 'closing', 'error')
    .ends(143, 'unknown', `repoB ended in an unknown state: ${reason}`)
}

export function nothingToUnlock(): Story {
  return new Story(sketchPlan('DPTA-7', [{ id: 'lib' }]))
    .builds(1, 21, 'lib')
    .verifies(22, 'before-success')
    .ends(22, 'succeeded', 'every build succeeded; the change has no open pull request, so there was nothing to unlock')
}

/** 50 jobs, one after ten others each; ten succeed, one fails, five are still running when `live` is asked for. */
export function fifty(isEnded: boolean): Story {
  const ids = Array.from({ length: 50 }, (_, index) => `job-${String(index + 1).padStart(2, '0')}`)
  const sketches = ids.map((id, index) => ({ id, needs: index < 10 ? [] : [ids[index - 10]!], title: `Change ${id}` }))
  const story = new Story(sketchPlan('DPTA-50', sketches)).posts(1, 'claim', 'pending')
  for (const id of ids.slice(0, 10)) story.builds(2, 30, id)
  for (const id of ids.slice(10, 16)) story.dispatches(31, id).sees(33, id, 'in_progress')
  story.settles(40, ids[10]!, 'failed', 'its run concluded failure')
  if (!isEnded) return story
  for (const id of ids.slice(11, 16))
    story.settles(45, id, 'cancelled', 'cancelled because another build did not succeed')
  for (const id of ids.slice(16)) story.settles(45, id, 'not-run', 'not started: job-11 failed')
  return story.posts(46, 'closing', 'failure').ends(46, 'failed', 'job-11 failed: its run concluded failure')
}

/** Every text from outside tries to get out of its line. */
export function hostile(text = hostileText): Story {
  const plan = sketchPlan(text, [{ id: `${text}1`, title: text, repo: 'ismenablement/repoB' }], [text])
  const job = plan.jobs[0]!.job
  const story = new Story(plan).posts(1, 'claim', 'pending')
  const run = { id: 5, headSha: shaOf(0), status: text, conclusion: text, runAttempt: 1, url: text }
  return story
    .dispatches(2, job)
    .at(3, { type: 'run-observed', job, run, nextAt: startedAt })
    .at(4, { type: 'observation-failed', job, failure: { kind: 'network', message: text }, nextAt: startedAt })
    .at(4, {
      type: 'pending-deployments-read',
      job,
      runId: 5,
      url: text,
      deployments: [{ environment: text, reviewers: [text, text], timerEndsAt: null }],
      failure: { kind: 'network', message: text },
    })
    .settles(5, job, 'failed', text)
    .explains(6, job, { workflowJob: text, step: text, url: text, logTail: [text, text] })
    .posts(7, 'closing', 'failure')
    .ends(7, 'failed', text)
}

/** repoB was built before; repoD is built now, and its own status is not taken. */
export function partlyFresh(): Story {
  const built = {
    runId: 42,
    url: 'https://github.com/ismenablement/repoB/actions/runs/42',
    endedAt: startedAt - 7_200_000,
  }
  const reason = 'built 2 h ago by run 42'
  const plan = examplePlan()
  const jobs = plan.jobs.map((job) => (job.job === 'repoB' ? { ...job, action: 'fresh' as const, reason, built } : job))
  const record = { context: 'orchestrator-build/repoD', state: 'success' as const, description: 'run:x fp:y' }
  const failure = { kind: 'forbidden' as const, message: 'GitHub answered 403' }
  const status = { ...record, id: 77, targetUrl: built.url, creator: 'me', createdAt: startedAt }
  return new Story({ ...plan, jobs }, { recordJobs: true })
    .posts(1, 'claim', 'pending')
    .at(1, { type: 'job-settled', job: 'repoB', outcome: 'fresh', reason, built })
    .builds(2, 190, 'repoD')
    .verifies(191, 'before-success')
    .posts(192, 'success', 'success')
    .at(193, { type: 'job-status-requested', job: 'repoD', runAttempt: 1, ...record })
    .at(193, { type: 'job-status-failed', job: 'repoD', runAttempt: 1, failure })
    .at(193, { type: 'job-status-posted', job: 'repoD', runAttempt: 1, status })
    .verifies(194, 'after-success')
    .ends(194, 'succeeded', 'every build succeeded and every pull request of the change is unlocked')
}

export const allStories = {
  partlyFresh,
  succeeded,
  failed,
  timedOut,
  awaitingApproval,
  superseded,
  partiallyMerged,
  cancelled,
  found,
  notFound,
  nothingToUnlock,
  fifty: () => fifty(true),
  hostile: () => hostile(),
}
