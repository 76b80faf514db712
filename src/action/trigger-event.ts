import { defaultWaitMs, eventProblems } from '../app/dispatch/check-event.js'
import { parseEventPayload } from '../app/dispatch/event-payload.js'
import type { Environment } from '../app/environment.js'
import type { Result } from '../app/problem.js'
import { stop, usageProblem } from '../app/problem.js'
import { connectFor } from '../cli/connect/github-connection.js'
import type { GitHubAccess } from '../cli/connect/find-github.js'
import { exitCodes } from '../cli/output/exit-codes.js'
import type { ExitCode } from '../cli/output/exit-codes.js'
import { createMessages } from '../cli/output/messages.js'
import type { Messages, Terminal } from '../cli/output/messages.js'
import { sendAndReport } from '../cli/output/report-event-dispatch.js'
import type { SendAndReportOptions } from '../cli/output/report-event-dispatch.js'
import type { SignalSource } from '../cli/process/signals.js'

/** The part of the process that the action uses. */
export interface ActionContext extends Terminal, GitHubAccess, SignalSource {
  /** The folder of the step. */
  cwd: string
  exit: (code: number) => void
}

/** Sends the event that the inputs of the step describe; resolves to the exit code of the step. */
export async function triggerEvent(context: ActionContext): Promise<ExitCode> {
  const messages = createMessages(context)
  const step = readStep(context.env)
  const code = step.ok ? await sendEvent(context, messages, step.value) : messages.reportProblems(step.problems)
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  return code
}

interface Step extends Pick<SendAndReportOptions, 'eventType' | 'repositories' | 'payload' | 'waitMs'> {
  /** The environment with the token of the step, and no other. */
  env: Environment
}

/** Reads the inputs of the step, which the runner passes as variables: `INPUT_<NAME>`. */
function readStep(env: Environment): Result<Step> {
  const input = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
  const payload = parseEventPayload(input('client-payload') || '{}')
  if (!payload.ok) return payload
  const wait = input('wait') || 'false'
  if (wait !== 'true' && wait !== 'false')
    return stop(usageProblem(`"${wait}" is not a value of wait`, 'it is true or false', 'Write wait: true.'))
  const repositories = [input('repository') || (env['GITHUB_REPOSITORY'] ?? '')]
  const event = { eventType: input('event-type'), repositories, payload: payload.value }
  const problems = eventProblems(event)
  if (problems.length > 0) return { ok: false, problems }
  const waitMs = wait === 'true' ? defaultWaitMs : null
  return { ok: true, value: { ...event, waitMs, env: withToken(env, input) } }
}

/** The token is the input, else GITHUB_TOKEN, which a workflow sets by `env`, else the token of the job. */
function withToken(env: Environment, input: (name: string) => string): Environment {
  const token = input('token') || (env['GITHUB_TOKEN'] ?? '') || input('job-token')
  const others = { GITHUB_TOKEN: '', GH_ENTERPRISE_TOKEN: '', GITHUB_ENTERPRISE_TOKEN: '' }
  return { ...env, ...others, GH_TOKEN: token }
}

async function sendEvent(
  context: ActionContext,
  messages: Messages,
  { env, waitMs, ...event }: Step,
): Promise<ExitCode> {
  const use = { repositories: event.repositories, permissions: 'Contents: write' }
  const connected = await connectFor({ ...context, env }, use, messages, { verbose: false })
  if (!connected.ok) return messages.reportProblems(connected.problems)
  const { github: host, close } = connected.value
  const interrupted = new AbortController()
  const removeListener = context.onSignal((signal) =>
    interrupted.signal.aborted ? context.exit(exitCodes.interrupted) : interrupted.abort(signal),
  )
  try {
    const { signal } = interrupted
    return await sendAndReport(context, messages, { ...event, host, waitMs, signal, isDryRun: false, asJson: false })
  } finally {
    removeListener()
    await close()
  }
}
