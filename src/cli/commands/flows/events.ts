import type { NewEventJson } from '../../../client/index.js'
import { jsonDocument } from '../../../report/json/json.js'
import { renderDispatched, renderEvent, renderEvents } from '../../../report/views/event-view.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import type { EventListFlags, FlowFlags, HandoffFlags, SendFlags } from './flow-commands.js'
import { exitCodeOfRuns } from './exit-code-of-runs.js'
import { readContextFiles } from './read-context-files.js'
import { readLimit } from './read-limit.js'
import { readJsonPayload, readTextPayload } from './read-payload.js'
import { withFlowClient } from './with-client.js'

export async function sendEvent(
  context: Context,
  messages: Messages,
  type: string,
  flags: SendFlags,
): Promise<ExitCode> {
  const payload = await readJsonPayload(flags.payload ?? '{}', context)
  if (!payload.ok) return messages.reportProblems(payload.problems)
  const files = await readContextFiles(flags, context.cwd)
  if (!files.ok) return messages.reportProblems(files.problems)
  const { id, source } = flags
  const event: NewEventJson = { id, type, source, payload: payload.value, context: { files: files.value } }
  return withFlowClient(context, messages, flags, async (client) => {
    const dispatched = await client.dispatchEvent(event)
    messages.stdout.write(flags.json === true ? jsonDocument(dispatched) : renderDispatched(dispatched, messages.view))
    return exitCodeOfRuns(dispatched.runs)
  })
}

export async function handOff(
  context: Context,
  messages: Messages,
  flow: string,
  flags: HandoffFlags,
): Promise<ExitCode> {
  const payload = flags.payload === undefined ? null : await readTextPayload(flags.payload, context)
  if (payload && !payload.ok) return messages.reportProblems(payload.problems)
  const files = await readContextFiles(flags, context.cwd)
  if (!files.ok) return messages.reportProblems(files.problems)
  return withFlowClient(context, messages, flags, async (client) => {
    const dispatched = await client.handoff(flow, {
      ...(flags.id === undefined ? {} : { id: flags.id }),
      ...(payload ? { payload: payload.value } : {}),
      context: { files: files.value },
    })
    messages.stdout.write(flags.json === true ? jsonDocument(dispatched) : renderDispatched(dispatched, messages.view))
    return exitCodeOfRuns(dispatched.runs)
  })
}

export async function listEvents(context: Context, messages: Messages, flags: EventListFlags): Promise<ExitCode> {
  const limit = readLimit(flags.limit)
  if (!limit.ok) return messages.reportProblems(limit.problems)
  const { type, source } = flags
  return withFlowClient(context, messages, flags, async (client) => {
    const items = await client.listEvents({
      limit: limit.value,
      ...(type === undefined ? {} : { type }),
      ...(source === undefined ? {} : { source }),
    })
    const text = flags.json === true ? jsonDocument({ items }) : renderEvents(items, context.clock.now(), messages.view)
    messages.stdout.write(text)
    return exitCodes.success
  })
}

export async function showEvent(context: Context, messages: Messages, id: string, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const event = await client.getEvent(id)
    const runs = await client.listRuns({ eventId: id, limit: 100 })
    messages.stdout.write(
      flags.json === true ? jsonDocument({ event, runs }) : renderEvent({ event, runs }, messages.view),
    )
    return exitCodes.success
  })
}

export async function replayEvent(
  context: Context,
  messages: Messages,
  id: string,
  flags: FlowFlags,
): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const dispatched = await client.replayEvent(id)
    messages.stdout.write(flags.json === true ? jsonDocument(dispatched) : renderDispatched(dispatched, messages.view))
    return exitCodeOfRuns(dispatched.runs)
  })
}
