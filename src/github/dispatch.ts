import type { Failure } from '../model/failure.js'
import type { DispatchRequest, DispatchResult } from '../ports/github.js'
import { unexpectedAnswer } from './classify.js'
import { createSingleGate } from './gate.js'
import { toRunDetails } from './payload.js'
import { repoPath } from './path.js'
import { needs } from './permissions.js'
import { interpret, type Answer, type Ask, type Requests } from './requests.js'

/**
 * POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches, sent once at most (law 2).
 * Rejects with what `beforeSend` rejected with; nothing was sent then.
 */
export async function dispatch(
  requests: Requests,
  request: DispatchRequest,
  beforeSend: () => Promise<boolean>,
): Promise<DispatchResult> {
  const ask = toAsk(request)
  const gate = createSingleGate(beforeSend)
  let answer: Answer
  try {
    answer = await requests.post(ask, { urgent: false, mayRepeat: false, gate })
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

function toAsk({ repo, workflow, ref, inputs }: DispatchRequest): Ask {
  return {
    repo,
    need: needs.dispatchWorkflow,
    thing: `workflow ${workflow} on the default branch of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows', workflow, 'dispatches'),
    parameters: { ref, inputs, return_run_details: true },
  }
}

function toResult(ask: Ask, answer: Answer): DispatchResult {
  if (!answer.ok) return toFailedResult(answer)
  if (answer.status === 204) return { kind: 'ambiguous', failure: withoutRunId(ask) }
  const details = interpret(ask, answer, toRunDetails)
  return details.ok ? { kind: 'accepted', ...details.value } : { kind: 'ambiguous', failure: details.failure }
}

function toFailedResult(answer: Answer & { ok: false }): DispatchResult {
  const { failure, neverSent, isWithheld } = answer
  const status = failure.httpStatus ?? 0
  // Withheld after it was let go once means a repetition: it proves nothing about the first sending.
  if ((neverSent && !isWithheld) || (status >= 400 && status < 500))
    return { kind: 'refused', failure: explainRefusal(failure) }
  return { kind: 'ambiguous', failure }
}

/** The refusals whose words GitHub's readers have had to look up. */
function explainRefusal(failure: Failure): Failure {
  if (failure.kind !== 'invalid-request') return failure
  const remedy = refusals.find(({ said }) => said.test(failure.message))?.remedy
  return remedy === undefined ? failure : { ...failure, remedy }
}

const refusals = [
  {
    said: /return_run_details|not a permitted key/iu,
    remedy: 'this GitHub Enterprise Server does not return run ids: it needs version 3.21 or later',
  },
  { said: /No ref found/iu, remedy: 'the branch is gone: push it again, or run for another branch' },
  {
    said: /does not have 'workflow_dispatch'/iu,
    remedy: 'add "on: workflow_dispatch" to the workflow on the branch that is to be built',
  },
  {
    said: /Unexpected inputs/iu,
    remedy: 'declare the inputs in the workflow on that branch, or take them out of the graph file',
  },
  { said: /Required input/iu, remedy: 'give the input in the graph file, or a default in the workflow' },
  { said: /disabled/iu, remedy: 'enable the workflow on its page under Actions' },
] as const

function withoutRunId(ask: Ask): Failure {
  return {
    ...unexpectedAnswer(ask, 'it accepted the dispatch without saying which run it started (204)', 204),
    remedy: 'look for the run under Actions: this server does not return run ids',
  }
}
