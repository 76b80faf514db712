import { checkNewEvent } from '../../flows/check-request.js'
import { until } from '../../flows/exec-step.js'
import { keepEvent } from '../../flows/receive-event.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { callerEnvironment } from '../../flows/step-environment.js'
import { runProcess } from '../../lib/run-process.js'
import type { ProcessEnd } from '../../lib/run-process.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import type { PollingFlow } from './flow-poll.js'
import type { FlowPlaces } from './step-actions.js'

export interface PollCommandOptions {
  ports: FlowPorts
  places: FlowPlaces
  clock: Clock
  log: Log
  advance: (flows: readonly string[]) => Promise<void>
}

/** The longest time that a command gets, ms. */
const maxPollMs = 5 * 60_000
/** The time between SIGTERM and SIGKILL, ms. */
const graceMs = 1_000
/** What is read of the output of one poll, characters. */
const maxOutputLength = 16 * 1024 * 1024
/** The most wrong lines of one poll that are logged one by one. */
const maxLoggedLines = 10

/**
 * Executes the command of a flow that polls, and receives each line of its standard output as an event for this flow. An id that is known is
 * harmless. What is wrong is logged without the text of the line, which may hold a secret.
 */
export async function pollFlow(options: PollCommandOptions, flow: PollingFlow, signal: AbortSignal): Promise<void> {
  const { advance } = options
  const log = options.log.with({ flow: flow.name })
  const { lines, isCut, problem } = await readLines(options, flow, signal)
  if (signal.aborted) return
  if (problem !== null) log.warn({ problem }, 'the command of a poll failed')
  if (isCut) log.warn({}, `a poll printed more than ${maxOutputLength} characters; the rest was not read`)
  let wrong = 0
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const why = await receiveLine(options.ports, flow, line)
    if (why === null) continue
    wrong += 1
    if (wrong <= maxLoggedLines)
      log.warn({ line: index + 1, problem: sanitize(why) }, 'a line of a poll is not an event that can be kept')
  }
  if (wrong > maxLoggedLines) log.warn({ lines: wrong }, 'more lines of a poll are not events that can be kept')
  await advance([flow.name])
}

interface Printed {
  lines: readonly string[]
  isCut: boolean
  /** Why the command failed, as a clause; null: it did not. */
  problem: string | null
}

async function readLines(
  { clock, places }: PollCommandOptions,
  { on }: PollingFlow,
  signal: AbortSignal,
): Promise<Printed> {
  const { everyMs, command } = on.poll
  const limitMs = Math.min(everyMs, maxPollMs)
  const over = new AbortController()
  const timeUp = new AbortController()
  void until(clock, clock.now() + limitMs, over.signal).then(() => {
    if (!over.signal.aborted) timeUp.abort()
  })
  const printed = { text: '', isCut: false }
  const end = await runProcess({
    command: { kind: 'argv', argv: command },
    directory: places.root,
    environment: callerEnvironment(places.environment, []),
    onStdout: (text) => {
      const room = maxOutputLength - printed.text.length
      printed.isCut ||= text.length > room
      if (room > 0) printed.text += text.slice(0, room)
    },
    onStderr: () => undefined,
    signal: AbortSignal.any([signal, timeUp.signal]),
    graceMs,
    sleep: (ms, ended) => clock.sleep(ms, ended),
    signalGroup: places.signalGroup,
  })
  over.abort()
  const lines = printed.text.split('\n')
  // The last line is not whole.
  if (printed.isCut) lines.pop()
  const problem = timeUp.signal.aborted ? `it took longer than ${limitMs / 1_000} s` : problemOf(end)
  return { lines, isCut: printed.isCut, problem }
}

function problemOf(end: ProcessEnd): string | null {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? null : `exit code ${end.code}`
    case 'signalled':
      return `it was ended by ${end.signal}`
    case 'not-started':
      return `it could not be started: ${sanitize(end.why)}`
  }
}

/** Why a line was not kept, as a clause; null: it was, or it is known. */
async function receiveLine(ports: FlowPorts, flow: PollingFlow, line: string): Promise<string | null> {
  const value = parse(line)
  if (value === undefined) return 'it is not JSON'
  const checked = checkNewEvent(value)
  if (!checked.ok) return `${checked.problem.field}: ${checked.problem.problem}`
  const { name } = flow
  const targets = { flows: [flow], unmatched: null, flow: name, depth: 0 }
  const received = await keepEvent(ports, { ...checked.value, flow: name }, targets)
  if (received.kind === 'conflict') return `another event has its id already: ${received.field} differs`
  return received.kind === 'unsupported' ? received.why : null
}

/** Undefined: it is not JSON. The reason is dropped, because it quotes the text. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
