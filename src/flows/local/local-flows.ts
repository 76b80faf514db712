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
export type GitHubActions = Pick<StepActions, 'dispatch' | 'run' | 'invalidate'>

export interface LocalFlowsOptions {
  /** The folder that contains `.orch`, `.codex` or `flows`, absolute. */
  root: string
  store: LocalFlowStore
  openFolder: OpenRunFolder
  clock: Clock
  /** The environment of the caller. */
  environment: Readonly<Record<string, string | undefined>>
  signalGroup: RunProcessOptions['signalGroup']
  /** Null: GitHub cannot be reached from here, and flows that need it cannot be executed. */
  github: GitHubActions | null
}

/** Events, flows and runs in this process, without a service. */
export interface LocalFlows {
  ports: FlowPorts
  driver: LocalDriver
}

export function createLocalFlows(options: LocalFlowsOptions): LocalFlows {
  const { root, store, clock, openFolder, github } = options
  const { checkPayload, schemaProblem } = createPayloadSchemas()
  const ports: FlowPorts = {
    store,
    readFlows: createFlowReader(root, schemaProblem),
    checkPayload,
    now: () => clock.now(),
    unsupported: (flow) => (github ? null : needsGitHub(flow)),
  }
  const actions = { exec: execAction(options), ...(github ?? withoutGitHub) }
  return { ports, driver: new LocalDriver({ ...ports, store, clock, actions, openFolder }) }
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

/** Why a flow needs GitHub, as a clause; null: it does not. */
function needsGitHub({ steps }: Flow): string | null {
  const step = steps.find(({ kind }) => kind === 'dispatch' || kind === 'run' || kind === 'invalidate')
  return step ? `its step "${step.kind}" needs GitHub` : null
}

function refuse(): Promise<StepEnd> {
  return Promise.resolve({ status: 'failed', message: 'GitHub cannot be reached from here' })
}

const withoutGitHub: GitHubActions = { dispatch: refuse, run: refuse, invalidate: refuse }
