import { resolve } from 'node:path'
import type { RunProcessOptions } from '../../lib/run-process.js'
import { listedEventToJson } from '../flow-json.js'
import { runExecStep } from '../exec-step.js'
import type { ExecStep } from '../exec-step.js'
import { createFlowReader } from '../file/find-flows.js'
import { createPayloadSchemas } from '../json-schema.js'
import type { StepActions, StepContext } from '../perform-step.js'
import type { FlowPorts } from '../receive-event.js'
import { stepEnvironment } from '../step-environment.js'
import type { StepEnd } from '../../model/flow/flow-progress.js'
import type { Flow } from '../../model/flow/flow.js'
import type { Clock } from '../../ports/clock.js'
import type { LocalFlowStore } from '../../ports/flow-store.js'
import { LocalDriver } from './local-driver.js'
import type { OpenRunFolder } from './run-folder.js'

/** What flows do on GitHub. */
export interface LocalGitHub extends Pick<StepActions, 'dispatch' | 'run' | 'invalidate'> {
  /** Why GitHub cannot be reached, as a clause; null: it can. */
  problem: () => Promise<string | null>
}

export interface LocalFlowsOptions {
  /** The folder that contains `.orch`, `.codex` or `flows`, absolute. */
  root: string
  store: LocalFlowStore
  openFolder: OpenRunFolder
  /** Removes the folder of a run, if there is one. */
  removeFolder: (runId: string) => Promise<void>
  /** How long events are kept after the last of them happened, ms. */
  keptMs: number
  clock: Clock
  /** The environment of the caller. */
  environment: Readonly<Record<string, string | undefined>>
  signalGroup: RunProcessOptions['signalGroup']
  /** Null: GitHub cannot be reached from here, and flows that need it cannot be executed. */
  github: LocalGitHub | null
}

/** Events, flows and runs in this process, without a service. */
export interface LocalFlows {
  ports: FlowPorts
  driver: LocalDriver
  /** Removes old events, their runs and their files. */
  prune: () => Promise<void>
}

export function createLocalFlows(options: LocalFlowsOptions): LocalFlows {
  const { root, store, clock, openFolder, github, keptMs } = options
  const { checkPayload, schemaProblem } = createPayloadSchemas()
  const ports: FlowPorts = {
    store,
    readFlows: createFlowReader(root, schemaProblem),
    checkPayload,
    now: () => clock.now(),
    unsupported: (flow) => unsupportedFor(flow, github),
  }
  const actions = { exec: execAction(options), ...(github ?? withoutGitHub) }
  return {
    ports,
    driver: new LocalDriver({ ...ports, store, clock, actions, openFolder }),
    prune: async () => {
      for (const run of await store.prune(clock.now() - keptMs)) await options.removeFolder(run)
    },
  }
}

function execAction({ root, clock, environment, signalGroup }: LocalFlowsOptions) {
  return (step: ExecStep, context: StepContext): Promise<StepEnd> => {
    const { event, contextDirectory, collector, signal } = context
    return runExecStep(step, {
      clock,
      directory: resolve(root, step.workingDirectory),
      environment: stepEnvironment(context, { caller: environment, names: step.env, contextDirectory, url: null }),
      input: JSON.stringify(listedEventToJson(event)),
      collector,
      signal,
      signalGroup,
    })
  }
}

/** Why a flow cannot be executed here, as a clause; null: it can. */
async function unsupportedFor({ steps }: Flow, github: LocalGitHub | null): Promise<string | null> {
  const step = steps.find(({ kind }) => kind === 'dispatch' || kind === 'run' || kind === 'invalidate')
  if (!step) return null
  const needed = `its step "${step.kind}" needs GitHub`
  if (!github) return needed
  const problem = await github.problem()
  return problem === null ? null : `${needed}: ${problem}`
}

function refuse(): Promise<StepEnd> {
  return Promise.resolve({ status: 'failed', message: 'GitHub cannot be reached from here' })
}

const withoutGitHub = { dispatch: refuse, run: refuse, invalidate: refuse }
