import type { Failure } from '../../model/failure.js'
import type { DispatchRequest, DispatchResult } from '../../ports/host/builds.js'
import type { Host } from '../../ports/host/host.js'
import { unexpectedAnswer } from '../api/classify.js'
import { enableActions, enableWorkflow } from '../api/explain-forbidden.js'
import { createSingleSendGate } from '../limits/before-send.js'
import { toRunDetails } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Answer, Ask } from '../api/ask.js'
import { interpret, provesNoEffect, type Requests } from '../api/requests.js'

/**
 * POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches, sent at most once (law 2), except after two answers that prove that no
 * run exists. After GitHub's rate limit it is sent again when the pause is over, if `beforeSend` still allows it. After the refusal of
 * the key `return_run_details` by Enterprise Servers up to 3.20, the same intent is sent without the key, and this instance never sends the key
 * to that server again. Rejects with the error of `beforeSend` if that rejects; nothing was sent then.
 */
export function createDispatch(requests: Requests): Host['dispatch'] {
  let mayAskForRun = true
  return async (request, beforeSend) => {
    const asksForRun = mayAskForRun
    const result = await sendOnce(requests, request, { asksForRun, urgent: false, beforeSend })
    if (!asksForRun || !refusesRunDetails(request, result)) return result
    mayAskForRun = false
    // The repetition skips the spacing of writes: the dispatch has waited already, and its journaled intent is open until it is answered.
    return sendOnce(requests, request, { asksForRun: false, urgent: true, beforeSend: () => Promise.resolve(true) })
  }
}

interface Sending {
  /** Whether the answer shall contain the id of the run that it started. */
  asksForRun: boolean
  urgent: boolean
  beforeSend: () => Promise<boolean>
}

async function sendOnce(
  requests: Requests,
  request: DispatchRequest,
  { asksForRun, urgent, beforeSend }: Sending,
): Promise<DispatchResult> {
  const ask = toAsk(request, asksForRun)
  const gate = createSingleSendGate(beforeSend)
  let answer: Answer
  try {
    answer = await requests.post(ask, { lane: urgent ? 'urgent' : 'dispatch', repeat: 'limits', gate })
  } catch (error) {
    if (gate.state().kind !== 'open') throw error
    const problem = error instanceof Error ? error.message : String(error)
    return { kind: 'ambiguous', failure: unexpectedAnswer(ask, problem) }
  }
  const state = gate.state()
  if (state.kind === 'broken') throw state.error
  if (state.kind === 'withheld') return { kind: 'withheld' }
  return toResult(ask, answer)
}

function toAsk({ repo, workflow, ref, inputs }: DispatchRequest, asksForRun: boolean): Ask {
  return {
    repo,
    need: needs.dispatchWorkflow,
    thing: `workflow ${workflow} on the default branch of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows', workflow, 'dispatches'),
    parameters: { ref, inputs, ...(asksForRun ? { [runDetailsKey]: true } : {}) },
  }
}

/** Whether GitHub itself refused the key: `"return_run_details" is not a permitted key.` */
function refusesRunDetails(request: DispatchRequest, result: DispatchResult): boolean {
  if (result.kind !== 'refused' || result.failure.kind !== 'invalid-request') return false
  // A refusal may quote the request: a branch or an input with the name of the key does not mean that the key was refused.
  return result.failure.message.includes(runDetailsKey) && !JSON.stringify(request).includes(runDetailsKey)
}

const runDetailsKey = 'return_run_details'

function toResult(ask: Ask, answer: Answer): DispatchResult {
  if (!answer.ok) return toFailedResult(answer)
  if (answer.status === 204) return { kind: 'ambiguous', failure: withoutRunId(ask) }
  const details = interpret(ask, answer, toRunDetails)
  return details.ok ? { kind: 'accepted', ...details.value } : { kind: 'ambiguous', failure: details.failure }
}

function toFailedResult(answer: Answer & { ok: false }): DispatchResult {
  const { failure, isWithheld } = answer
  // A repetition that is withheld proves nothing about the first sending.
  return !isWithheld && provesNoEffect(answer)
    ? { kind: 'refused', failure: explainRefusal(failure) }
    : { kind: 'ambiguous', failure }
}

/** Adds a remedy to the refusals whose message does not explain itself. */
function explainRefusal(failure: Failure): Failure {
  if (failure.kind !== 'invalid-request') return failure
  const remedy = refusals.find(({ pattern }) => pattern.test(failure.message))?.remedy
  return remedy === undefined ? failure : { ...failure, remedy }
}

const refusals = [
  { pattern: /No ref found/iu, remedy: 'the branch is gone: push it again, or run for another branch' },
  {
    pattern: /does not have 'workflow_dispatch'/iu,
    remedy: 'add "on: workflow_dispatch" to the workflow on the branch that you build',
  },
  {
    pattern: /Unexpected inputs/iu,
    remedy: 'declare the inputs in the workflow on that branch, or take them out of the graph file',
  },
  { pattern: /Required input/iu, remedy: 'give the input in the graph file, or a default in the workflow' },
  { pattern: /Actions has been disabled/iu, remedy: enableActions },
  { pattern: /disabled/iu, remedy: enableWorkflow },
] as const

function withoutRunId(ask: Ask): Failure {
  return {
    ...unexpectedAnswer(ask, 'it accepted the dispatch, but this server returned no run ID (HTTP 204)', 204),
    remedy: 'look for the run under Actions: GitHub Enterprise Server returns run IDs from version 3.21 on',
  }
}
