import { Command } from 'commander'
import { defaultWaitMs, eventProblems } from '../../app/dispatch/check-event.js'
import { usageProblem } from '../../app/problem.js'
import type { Problem, Result } from '../../app/problem.js'
import type { EventPayload } from '../../model/repository-event.js'
import { withoutGraph } from '../connect/without-graph.js'
import { addCommonOptions, durationArgument } from '../flags/common-options.js'
import type { CommonFlags } from '../flags/common-options.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'

export interface DispatchFlags extends CommonFlags {
  repo: readonly string[]
  payload?: string
  field?: readonly string[]
  wait?: boolean
  timeout?: number
  dryRun?: boolean
  json?: boolean
}

/** `orch dispatch`: sends an event that starts workflows of other repositories. */
export function dispatchCommand(action: (eventType: string, flags: DispatchFlags) => Promise<void>): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
  const command = new Command('dispatch')
    .description('send an event that starts the workflows of other repositories (repository_dispatch)')
    .argument('<event-type>', 'type of the event, such as release-published')
  return addCommonOptions(command)
    .requiredOption('--repo <owner/name>', 'a repository that gets it, may be repeated', collect)
    .option('--payload <json>', 'a JSON object, @file, or - for the standard input (default: {})')
    .option('--field <key=value>', 'adds a text to the payload, may be repeated', collect)
    .option('--wait', 'wait for the runs that it starts, and succeed only if all of them do')
    .option('--timeout <duration>', 'with --wait: how long, such as 90m (default: 6h)', durationArgument)
    .option('--dry-run', 'check everything and show what would be sent, without sending it')
    .option('--json', 'one JSON document')
    .action((eventType: string, flags: DispatchFlags) => action(eventType, flags))
}

export async function dispatch(
  context: Context,
  messages: Messages,
  eventType: string,
  flags: DispatchFlags,
): Promise<ExitCode> {
  const payload = await readPayload(context, flags)
  if (!payload.ok) return messages.reportProblems(payload.problems)
  const event = { eventType, repositories: flags.repo, payload: payload.value }
  const problems = [...eventProblems(event), ...timeoutProblems(flags)]
  if (problems.length > 0) return messages.reportProblems(problems)
  const { sendAndReport } = await import('../output/report-event-dispatch.js')
  return withoutGraph({
    context,
    messages,
    flags,
    use: { repositories: flags.repo, permissions: flags.wait === true ? neededToWait : neededToSend },
    work: async ({ github: host }, takeSignals) => {
      const interrupted = new AbortController()
      const release = takeSignals((signal) =>
        interrupted.signal.aborted ? context.exit(exitCodes.interrupted) : interrupted.abort(signal),
      )
      try {
        return await sendAndReport(context, messages, {
          ...event,
          host,
          isDryRun: flags.dryRun === true,
          waitMs: flags.wait === true ? (flags.timeout ?? defaultWaitMs) : null,
          signal: interrupted.signal,
          asJson: flags.json === true,
        })
      } finally {
        release()
      }
    },
  })
}

const neededToSend = 'Contents: write'
/** Its runs are read, and cancelled when the command is interrupted. */
const neededToWait = `${neededToSend} and Actions: write`

function timeoutProblems({ wait, timeout }: DispatchFlags): Problem[] {
  if (timeout === undefined || wait === true) return []
  return [usageProblem('--timeout needs --wait', 'it limits how long the runs are awaited', 'Add --wait.')]
}

/** The payload, with what `--field` adds to it. */
async function readPayload(context: Context, { payload, field = [] }: DispatchFlags): Promise<Result<EventPayload>> {
  const [{ readPayloadText }, { parseEventPayload, withFields }] = await Promise.all([
    import('./flows/read-payload.js'),
    import('../../app/dispatch/event-payload.js'),
  ])
  const text = await readPayloadText(payload ?? '{}', context)
  if (!text.ok) return text
  const parsed = parseEventPayload(text.value)
  return parsed.ok ? withFields(parsed.value, field) : parsed
}
