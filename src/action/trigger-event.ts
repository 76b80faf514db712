import { defaultWaitMs, eventProblems } from '../app/dispatch/check-event.js'
import { parseEventPayload } from '../app/dispatch/event-payload.js'
import type { Environment } from '../app/environment.js'
import { usageProblem } from '../app/problem.js'
import { connectFor } from '../cli/connect/github-connection.js'
import type { ExitCode } from '../cli/output/exit-codes.js'
import type { Messages } from '../cli/output/messages.js'
import { sendAndReport } from '../cli/output/report-event-dispatch.js'
import type { Clock } from '../ports/clock.js'

export interface TriggerEventOptions {
  /** The environment of the step, which holds the inputs. */
  env: Environment
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  messages: Messages
  /** Aborts when the step is cancelled. */
  signal: AbortSignal
}

/** Sends the event that the inputs of the step describe; resolves to the exit code of the step. */
export async function triggerEvent({ env, clock, random, messages, signal }: TriggerEventOptions): Promise<ExitCode> {
  const input = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
  const payload = parseEventPayload(input('client-payload') || '{}')
  if (!payload.ok) return messages.reportProblems(payload.problems)
  const repositories = [input('repository') || (env['GITHUB_REPOSITORY'] ?? '')]
  const event = { eventType: input('event-type'), repositories, payload: payload.value }
  const problems = eventProblems(event)
  const wait = input('wait') || 'false'
  if (wait !== 'true' && wait !== 'false')
    problems.push(usageProblem(`"${wait}" is not a value of wait`, 'it is true or false', 'Write wait: true.'))
  if (problems.length > 0) return messages.reportProblems(problems)
  const access = { env: withToken(env, input), clock, random, readProgram: () => Promise.resolve(null) }
  const connected = await connectFor(access, { repositories, permissions: 'Contents: write' }, messages, { verbose: false })
  if (!connected.ok) return messages.reportProblems(connected.problems)
  const { github: host, close } = connected.value
  try {
    const waitMs = wait === 'true' ? defaultWaitMs : null
    return await sendAndReport({ env, clock, random }, messages, {
      ...event,
      host,
      isDryRun: false,
      waitMs,
      signal,
      asJson: false,
    })
  } finally {
    await close()
  }
}

/**
 * The environment with the token of the step: the input, else GITHUB_TOKEN, which a workflow sets by `env`, else the token of the job.
 * No other token of the environment is used.
 */
function withToken(env: Environment, input: (name: string) => string): Environment {
  const token = input('token') || (env['GITHUB_TOKEN'] ?? '') || input('job-token')
  return { ...env, GH_TOKEN: token, GITHUB_TOKEN: '', GH_ENTERPRISE_TOKEN: '', GITHUB_ENTERPRISE_TOKEN: '' }
}
