import type { Execution } from '../../src/sandbox/executor.js'
import type { ApiWorld } from '../sandbox/api/world.js'
import { at, createApiWorld, HeldExecutor, job, START } from '../sandbox/api/world.js'

/** The objects that the calls below refer to. */
export interface Contents extends ApiWorld {
  /** SHA of the head of the branch DPTA-1, which has pull request 1. */
  head: string
  /** IDs of a completed run with one job, and of a run in progress. */
  completed: number
  running: number
  /** The execution of that run. */
  execution: Execution
  jobId: number
  rulesetId: number
}

export const repo = '/repos/acme/lib'
export const dispatches = `${repo}/actions/workflows/build.yml/dispatches`

/** Creates a sandbox with these objects. */
export async function createContents(): Promise<Contents> {
  const executor = new HeldExecutor()
  const deliver = (): Promise<Response> => Promise.resolve(new Response('Thanks.', { headers: { 'x-a': 'b' } }))
  const world = await createApiWorld({ executor, deliver })
  const { admin } = world.sandbox
  const head = await admin.commit('acme/lib', 'DPTA-1', { 'src/a.txt': 'a' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  const rulesetId = admin.requireStatus('acme/lib', 'orchestrator-build')
  await world.call('POST', `${repo}/statuses/${head}`, { state: 'pending', context: 'other' })
  const dispatch = async (): Promise<number> => {
    const { body } = await world.json('POST', dispatches, { ref: 'DPTA-1', return_run_details: true })
    return Number(at(body, 'workflow_run_id'))
  }
  const completed = await dispatch()
  const first = await executor.of(completed)
  first.update([job({ status: 'completed', conclusion: 'failure', completedAt: START })])
  executor.end(first, 'failure')
  const running = await dispatch()
  const second = await executor.of(running)
  second.update([job()])
  const jobId = Number(at((await world.json('GET', `${repo}/actions/runs/${completed}/jobs`)).body, 'jobs', 0, 'id'))
  return { ...world, head, completed, running, execution: second, jobId, rulesetId }
}

/** One call whose answer is checked. */
export interface Check {
  /** Method and path in the notation of GitHub's OpenAPI description. */
  endpoint: string
  status: number
  call(contents: Contents): Promise<Response>
}

export const check = (endpoint: string, status: number, call: Check['call']): Check => ({ endpoint, status, call })

/** The endpoints of a repository in the notation of GitHub's OpenAPI description. */
export const R = '/repos/{owner}/{repo}'
