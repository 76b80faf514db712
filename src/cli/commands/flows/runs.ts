import type { FlowRunJson } from '../../../client/index.js'
import { stop, usageProblem } from '../../../app/problem.js'
import type { Result } from '../../../app/problem.js'
import { jsonSafe, sanitizeLines } from '../../../lib/sanitize.js'
import { jsonDocument } from '../../../report/json/json.js'
import { renderRun, renderRuns, runLine } from '../../../report/views/flow-run-view.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import { exitCodeOfRuns } from './exit-code-of-runs.js'
import type { FlowFlags, RunListFlags } from './flow-commands.js'
import { readLimit } from './read-limit.js'
import { withFlowClient } from './with-client.js'

const statuses = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const

export async function listRuns(context: Context, messages: Messages, flags: RunListFlags): Promise<ExitCode> {
  const limit = readLimit(flags.limit)
  if (!limit.ok) return messages.reportProblems(limit.problems)
  const status = readStatus(flags.status)
  if (!status.ok) return messages.reportProblems(status.problems)
  return withFlowClient(context, messages, flags, async (client) => {
    const items = await client.listRuns({
      limit: limit.value,
      ...(flags.event === undefined ? {} : { eventId: flags.event }),
      ...(status.value === undefined ? {} : { status: status.value }),
    })
    const text = flags.json === true ? jsonDocument({ items }) : renderRuns(items, context.clock.now(), messages.view)
    messages.stdout.write(text)
    return exitCodes.success
  })
}

function readStatus(text: string | undefined): Result<FlowRunJson['status'] | undefined> {
  const status = statuses.find((each) => each === text)
  if (text === undefined || status !== undefined) return { ok: true, value: status }
  return stop(
    usageProblem(`"${text}" is not a status of a run`, `a run is ${statuses.join(', ')}`, 'Write --status failed.'),
  )
}

export async function showRun(context: Context, messages: Messages, id: string, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const run = await client.getRun(id)
    messages.stdout.write(flags.json === true ? jsonDocument(run) : renderRun(run, messages.view))
    return exitCodes.success
  })
}

/** Prints a line, or with --json a document on one line, whenever the run has changed. */
export async function watchRun(context: Context, messages: Messages, id: string, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const stopped = new AbortController()
    const removeListener = context.onSignal(() => stopped.abort())
    let last: FlowRunJson | null = null
    try {
      for await (const run of client.watchRun(id, { signal: stopped.signal })) {
        const line = flags.json === true ? jsonSafe(run) : runLine(run, messages.view)
        if (flags.json === true || last === null || line !== runLine(last, messages.view))
          messages.stdout.write(`${line}\n`)
        last = run
      }
    } catch (error) {
      if (!stopped.signal.aborted) throw error
      return exitCodes.interrupted
    } finally {
      removeListener()
    }
    return last ? exitCodeOfRuns([last]) : exitCodes.success
  })
}

export async function cancelRun(context: Context, messages: Messages, id: string, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const run = await client.cancelRun(id)
    messages.stdout.write(flags.json === true ? jsonDocument(run) : `${runLine(run, messages.view)}\n`)
    return exitCodes.success
  })
}

export async function printLog(context: Context, messages: Messages, id: string, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const { output } = await client.getRun(id)
    if (flags.json === true) messages.stdout.write(jsonDocument(output))
    else {
      messages.stdout.write(sanitizeLines(output.stdout))
      messages.stderr.write(sanitizeLines(output.stderr))
    }
    return exitCodes.success
  })
}
