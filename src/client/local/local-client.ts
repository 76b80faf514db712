import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { cancelRun } from '../../flows/cancel-run.js'
import { checkHandoff, checkNewEvent } from '../../flows/check-request.js'
import type { FieldProblem } from '../../flows/check-request.js'
import { eventToJson, flowToJson, listedEventToJson, runToJson } from '../../flows/flow-json.js'
import { handOff } from '../../flows/hand-off.js'
import type { HandedOff } from '../../flows/hand-off.js'
import { createLocalFlows } from '../../flows/local/local-flows.js'
import type { LocalFlows, LocalGitHub } from '../../flows/local/local-flows.js'
import { keptRunFolders, removeRunFolder, temporaryRunFolders } from '../../flows/local/run-folder.js'
import { receiveEvent, runsOf } from '../../flows/receive-event.js'
import { replayEvent } from '../../flows/replay-event.js'
import { assertNever } from '../../lib/assert-never.js'
import { flowHint } from '../../model/flow/flow-hint.js'
import { thisMachine } from '../../lib/process-liveness.js'
import { signalGroup } from '../../lib/signal-group.js'
import { systemClock } from '../../lib/system-clock.js'
import type { DispatchedEventJson, FlowEventJson, FlowJson, FlowRunJson, NewEventJson } from '../../model/wire/flows.js'
import { createFileFlowStore } from '../../store/flows/file-flow-store.js'
import { eventsKeptMs } from '../../store/flows/flow-rules.js'
import { createMemoryFlowStore } from '../../store/flows/memory-flow-store.js'
import { ConflictError, InvalidRequestError, NotAllowedError, NotFoundError, NotSupportedError } from '../errors.js'
import type { CallOptions, EventQuery, HandoffInput, RunQuery } from '../flow-client.js'
import type { Paged } from '../paged.js'
import type { LocalClientOptions } from '../options.js'
import { openCall, within } from '../call.js'
import { jsonText } from '../json-text.js'

/** How often a watched run is read, ms. */
const watchIntervalMs = 250

/** Events and runs in this process. */
export class LocalClient implements Paged {
  readonly #flows: LocalFlows

  /** @param github null: flows that need GitHub cannot be executed */
  constructor(options: LocalClientOptions, github: LocalGitHub | null = null) {
    this.#flows = openFlows(options, github)
  }

  dispatchEvent(event: NewEventJson, options?: CallOptions): Promise<DispatchedEventJson> {
    return within(options, async () => {
      const checked = checkNewEvent(asJson(event))
      if (!checked.ok) throw invalid(checked.problem)
      return this.#dispatched(await receiveEvent(this.#flows.ports, checked.value))
    })
  }

  getEvent(id: string, options?: CallOptions): Promise<FlowEventJson> {
    return within(options, async () => {
      const event = await this.#flows.ports.store.readEvent(id)
      if (!event) throw noEvent(id)
      return eventToJson(event)
    })
  }

  eventPage(query: EventQuery & { cursor?: string }, options?: CallOptions) {
    return within(options, async () => {
      const { items, nextCursor } = await this.#flows.ports.store.listEvents({ limit: 50, ...query })
      return { items: items.map(listedEventToJson), nextCursor }
    })
  }

  runPage(query: RunQuery & { cursor?: string }, options?: CallOptions) {
    return within(options, async () => {
      const { items, nextCursor } = await this.#flows.ports.store.listRuns({ limit: 50, ...query })
      return { items: items.map(runToJson), nextCursor }
    })
  }

  getRun(id: string, options?: CallOptions): Promise<FlowRunJson> {
    return within(options, async () => {
      const run = await this.#flows.ports.store.readRun(id)
      if (!run) throw noRun(id)
      return runToJson(run)
    })
  }

  replayEvent(id: string, options?: CallOptions): Promise<DispatchedEventJson> {
    return within(options, async () => {
      const replayed = await replayEvent(this.#flows.ports, id)
      if (replayed.kind === 'absent') throw noEvent(id)
      return this.#dispatched({ kind: 'accepted', event: replayed.event, runs: replayed.runs })
    })
  }

  cancelRun(id: string, options?: CallOptions): Promise<FlowRunJson> {
    return within(options, async () => {
      const cancelled = await cancelRun(this.#flows.ports, id, 'the client')
      if (cancelled.kind === 'absent') throw noRun(id)
      if (cancelled.kind === 'ended') throw new NotAllowedError(`the run ${id} has ended already`)
      return runToJson(cancelled.run)
    })
  }

  handoff(flow: string, input: HandoffInput = {}, options?: CallOptions): Promise<DispatchedEventJson> {
    return within(options, async () => {
      const checked = checkHandoff(asJson(input))
      if (!checked.ok) throw invalid(checked.problem)
      const { id = `handoff:${randomUUID()}`, ...more } = checked.value
      const handed = await handOff(this.#flows.ports, { id, flow, source: 'client', depth: 0, ...more })
      return this.#dispatched(handed, flow)
    })
  }

  async *watchRun(id: string, options?: CallOptions): AsyncGenerator<FlowRunJson, void, void> {
    const { signal, end } = openCall(options)
    try {
      let last = ''
      for (;;) {
        const run = await this.getRun(id, { signal })
        const text = JSON.stringify(run)
        if (text !== last) yield run
        last = text
        if (run.endedAt !== null) return
        await systemClock.sleep(watchIntervalMs, signal)
      }
    } finally {
      end()
    }
  }

  listFlows(options?: CallOptions): Promise<FlowJson[]> {
    return within(options, async () => {
      const { readFlows, store } = this.#flows.ports
      const disabled = await store.disabledFlows()
      return (await readFlows()).map((found) => flowToJson(found, disabled))
    })
  }

  setFlowEnabled(flow: string, isEnabled: boolean, options?: CallOptions): Promise<FlowJson> {
    return within(options, async () => {
      await this.#flows.ports.store.setDisabled(await this.#nameOf(flow), !isEnabled)
      const found = (await this.listFlows()).find(({ name, shadowedBy }) => name === flow && shadowedBy === null)
      if (!found) throw noFlow(flow, '')
      return found
    })
  }

  /** The name of a flow that exists. */
  async #nameOf(flow: string): Promise<string> {
    const names = (await this.#flows.ports.readFlows()).map(({ name }) => name)
    if (!names.includes(flow)) throw noFlow(flow, flowHint(flow, names))
    return flow
  }

  /** Executes what was accepted, and returns it as it is afterwards. */
  async #dispatched(handed: HandedOff, flow = ''): Promise<DispatchedEventJson> {
    switch (handed.kind) {
      case 'accepted':
      case 'known':
        await this.#flows.driver.untilEnded(handed.runs.map(({ id }) => id))
        await this.#flows.prune()
        return {
          event: eventToJson(handed.event),
          runs: (await runsOf(this.#flows.ports.store, handed.event.id)).map(runToJson),
        }
      case 'conflict': {
        const message = `another event has the id ${JSON.stringify(handed.event.id)}: its ${handed.field} differs`
        throw new ConflictError(handed.field, message)
      }
      case 'unsupported':
        throw new NotSupportedError(`the local mode cannot execute the flow ${handed.flow}: ${handed.why}`)
      case 'unknown-flow':
        throw noFlow(flow, handed.hint)
      case 'disabled':
        throw new NotAllowedError(`the flow ${flow} is disabled`)
      case 'no-dispatch':
        throw new NotAllowedError(`the flow ${flow} does not accept handoffs: its file has no dispatch: true`)
      case 'too-deep':
        throw new NotAllowedError(`flows hand on to each other without an end: ${flow} was reached too often`)
      default:
        return assertNever(handed)
    }
  }
}

function openFlows(
  { cwd = process.cwd(), state = { kind: 'memory' }, env = process.env }: LocalClientOptions,
  github: LocalGitHub | null,
): LocalFlows {
  const root = resolve(cwd)
  const stateDirectory = state.kind === 'file' ? resolve(root, state.directory ?? '.orch') : join(root, '.orch')
  const store =
    state.kind === 'file'
      ? createFileFlowStore({ stateDirectory, processes: thisMachine, clock: systemClock })
      : createMemoryFlowStore()
  return createLocalFlows({
    root,
    store,
    openFolder: state.kind === 'file' ? keptRunFolders(stateDirectory) : temporaryRunFolders,
    removeFolder: (runId) => removeRunFolder(stateDirectory, runId),
    keptMs: eventsKeptMs,
    clock: systemClock,
    environment: env,
    signalGroup,
    github,
  })
}

/** What JSON keeps of a value, so that both modes see the same. */
function asJson(value: object): unknown {
  return JSON.parse(jsonText(value))
}

function invalid({ field, problem }: FieldProblem): InvalidRequestError {
  return new InvalidRequestError(field, field === '' ? problem : `${field}: ${problem}`)
}

function noEvent(id: string): NotFoundError {
  return new NotFoundError(`there is no event ${JSON.stringify(id)}`)
}

function noRun(id: string): NotFoundError {
  return new NotFoundError(`there is no run ${JSON.stringify(id)}`)
}

function noFlow(flow: string, hint: string): NotFoundError {
  return new NotFoundError(`there is no flow ${JSON.stringify(flow)}. ${hint}`.trim())
}
