import { failureText } from '../../../lib/failure-text.js'
import { usageProblem } from '../../../app/problem.js'
import type { Problem } from '../../../app/problem.js'
import {
  ConflictError,
  createFlowClient,
  FlowClientError,
  InvalidRequestError,
  NotFoundError,
  ServiceError,
  UnauthorizedError,
} from '../../../client/index.js'
import { clientOver } from '../../../client/client-over.js'
import type { FlowClient } from '../../../client/index.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import type { FlowFlags } from './flow-commands.js'

/** Events and runs of the service that the flags or ORCH_URL name, or else of the state in `.orch` here. */
export async function withFlowClient(
  context: Context,
  messages: Messages,
  flags: FlowFlags,
  work: (client: FlowClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const address = flags.url ?? context.env['ORCH_URL'] ?? ''
  if (address !== '' && !isHttpAddress(address)) {
    const why = 'it is not an address that begins with http:// or https://'
    return messages.reportProblems([
      usageProblem(`"${address}" is not a valid --url`, why, 'Write it like http://127.0.0.1:7345.'),
    ])
  }
  try {
    return await (address === '' ? workLocally(context, messages, work) : work(openService(context, address)))
  } catch (error) {
    if (!(error instanceof FlowClientError)) throw error
    return messages.reportProblems([toProblem(error, address)])
  }
}

/** The steps of flows may use GitHub as `orch run` does. */
async function workLocally(
  context: Context,
  messages: Messages,
  work: (client: FlowClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { createLazyGitHub } = await import('./lazy-github.js')
  const { LocalClient } = await import('../../../client/local/local-client.js')
  const { cwd, env } = context
  const github = createLazyGitHub(context, messages)
  try {
    const local = new LocalClient({ mode: 'local', cwd, env, state: { kind: 'file' } }, github)
    return await work(clientOver(() => Promise.resolve(local)))
  } finally {
    await github.close()
  }
}

function openService({ env }: Context, address: string): FlowClient {
  const token = env['ORCH_API_TOKEN'] ?? ''
  const hmacSecret = env['ORCH_HMAC_SECRET'] ?? ''
  const access = token !== '' ? { token } : hmacSecret !== '' ? { hmacSecret } : {}
  return createFlowClient({ mode: 'http', baseUrl: address, ...access })
}

function isHttpAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/u.test(new URL(address).protocol)
}

function toProblem(error: FlowClientError, address: string): Problem {
  const message = error.message.replace(/\.$/u, '')
  if (error instanceof InvalidRequestError)
    return usageProblem(message, 'nothing was sent or kept', 'Correct it, then try again.')
  if (error instanceof UnauthorizedError) {
    const remedy = 'Set ORCH_API_TOKEN or ORCH_HMAC_SECRET to that of the service.'
    return { kind: 'auth', message, why: 'the service does not accept the token or the signature', remedy }
  }
  if (error instanceof NotFoundError)
    return {
      kind: 'failed',
      message,
      why: `it is not known ${placeOf(address)}`,
      remedy: 'Check the spelling, and --url.',
    }
  if (error instanceof ServiceError) {
    const why = error.cause === undefined ? 'the service could not answer' : failureText(firstCause(error))
    return { kind: 'failed', message, why, remedy: 'Check --url or ORCH_URL, and that orch serve is running there.' }
  }
  const remedy =
    error instanceof ConflictError
      ? 'Send it under an id of its own; orch event show prints the event that has this one.'
      : 'Run orch flows list to see what there is.'
  return { kind: 'failed', message, why: 'nothing was changed', remedy }
}

function placeOf(address: string): string {
  return address === '' ? 'to the state in .orch here' : `to the service at ${address}`
}

/** What is behind an error, and behind that: the text of `fetch` names no reason. */
function firstCause(error: Error): unknown {
  return error.cause instanceof Error ? firstCause(error.cause) : (error.cause ?? error)
}
