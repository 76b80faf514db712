import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { createId } from '../../model/build/orchestration-id.js'
import { deliveryProblems } from '../../app/dispatch/delivery-problems.js'
import { dispatchEvent } from '../../app/dispatch/dispatch-event.js'
import type { DispatchEventOptions, EventProgress } from '../../app/dispatch/dispatch-event.js'
import { failureText } from '../../lib/failure-text.js'
import { sanitize } from '../../lib/sanitize.js'
import type { EventDispatch } from '../../model/event-delivery.js'
import type { Clock } from '../../ports/clock.js'
import { eventDispatchOutputs } from '../../report/github-actions/event-dispatch-outputs.js'
import { eventDispatchToJson } from '../../report/json/event-dispatch-json.js'
import { jsonDocument } from '../../report/json/json.js'
import { endLine, foundLine, requestLine } from '../../report/views/event-dispatch-view.js'
import type { ExitCode } from './exit-codes.js'
import { exitCodes } from './exit-codes.js'
import type { Messages, Terminal } from './messages.js'
import { exitCodeFor } from './render-problem.js'

export interface SendAndReportOptions extends Omit<DispatchEventOptions, 'clock' | 'id' | 'onProgress'> {
  asJson: boolean
}

/** Sends an event, waits for its runs if that is asked for, and reports what became of it. */
export async function sendAndReport(
  { env, clock, random }: Pick<Terminal, 'env'> & { clock: Clock; random: () => number },
  messages: Messages,
  { asJson, ...event }: SendAndReportOptions,
): Promise<ExitCode> {
  const print = (line: string): void => {
    if (!asJson) messages.stdout.write(`${line}\n`)
  }
  const result = await dispatchEvent({
    ...event,
    clock,
    id: createId(clock.now(), random),
    onProgress: (progress) => print(progressLine(event.eventType, progress, messages)),
  })
  if (result.kind === 'stopped') return messages.reportProblems(result.problems)
  const { dispatch } = result
  if (dispatch.isDryRun)
    for (const delivery of dispatch.deliveries) print(requestLine(dispatch.eventType, delivery, messages.view))
  if (asJson) messages.stdout.write(jsonDocument(eventDispatchToJson(dispatch)))
  if (messages.isInActions) await writeOutputs(env['GITHUB_OUTPUT'], dispatch, messages)
  const problems = deliveryProblems(dispatch)
  const code = asJson
    ? exitCodeOf(problems)
    : problems.length > 0
      ? messages.reportProblems(problems)
      : exitCodes.success
  return event.signal.aborted ? exitCodes.interrupted : code
}

function exitCodeOf(problems: ReturnType<typeof deliveryProblems>): ExitCode {
  return problems.length > 0 ? exitCodeFor(problems) : exitCodes.success
}

function progressLine(eventType: string, progress: EventProgress, { view }: Messages): string {
  const { repo } = progress
  if (progress.kind === 'requested')
    return requestLine(eventType, { repo, request: progress.request, receivers: null }, view)
  return progress.kind === 'found' ? foundLine(progress, view) : endLine(repo, progress.run, view)
}

/** The outputs of the step in GitHub Actions. A file that cannot be written does not change what was sent. */
async function writeOutputs(path: string | undefined, dispatch: EventDispatch, messages: Messages): Promise<void> {
  if (path === undefined || path === '') return
  try {
    await appendFile(
      path,
      eventDispatchOutputs(dispatch, () => randomBytes(16).toString('hex')),
    )
  } catch (error) {
    messages.note(sanitize(`GITHUB_OUTPUT could not be written: ${failureText(error)}`))
  }
}
