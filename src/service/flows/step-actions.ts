import { lstat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { writeContextFolder } from '../../flows/context-folder.js'
import { dispatchStep } from '../../flows/dispatch-step.js'
import { runExecStep } from '../../flows/exec-step.js'
import type { ExecStep } from '../../flows/exec-step.js'
import { listedEventToJson } from '../../flows/flow-json.js'
import { handOffStep } from '../../flows/hand-off-step.js'
import type { StepActions, StepContext } from '../../flows/perform-step.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { stepEnvironment } from '../../flows/step-environment.js'
import type { EventHost } from '../../app/dispatch/event-host.js'
import { failureText } from '../../lib/failure-text.js'
import type { RunProcessOptions } from '../../lib/run-process.js'
import type { ContextFile } from '../../model/flow/context-file.js'
import type { StepEnd } from '../../model/flow/flow-progress.js'
import type { FlowAttempt } from '../../model/flow/flow-run.js'
import type { Clock } from '../../ports/clock.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import { invalidateMatching } from '../commands/invalidate-matching.js'
import type { InvalidateMatchingOptions } from '../commands/invalidate-matching.js'
import type { FlowProgress } from './flow-progress.js'
import type { Queued } from './perform-flow-step.js'
import { changeWorkloadId } from './step-workload.js'

/** Where flows are found and executed. */
export interface FlowPlaces {
  /** The folder of the graph file, which contains `.orch`, `.codex` or `flows`. */
  root: string
  /** The folders with the context files of attempts lie below it. */
  stateDirectory: string
  /** The environment from which steps take the names that they list: without the secrets of the service. */
  environment: Readonly<Record<string, string | undefined>>
  signalGroup: RunProcessOptions['signalGroup']
}

export interface StepActionsOptions extends Omit<InvalidateMatchingOptions, 'commands' | 'host'> {
  host: InvalidateMatchingOptions['host'] & EventHost
  places: FlowPlaces
  /** Address of the service; null: it is not known here. */
  url: () => string | null
  ports: FlowPorts
  clock: Clock
  commands: ChangeCommands
  progress: FlowProgress
}

/** The folder with the folders of the attempts that were executed on this machine. */
export function foldersOf({ stateDirectory }: Pick<FlowPlaces, 'stateDirectory'>): string {
  return join(stateDirectory, 'events', 'folders')
}

export function contextDirectoryOf(places: FlowPlaces, { id }: FlowAttempt): string {
  return join(foldersOf(places), id, 'trigger-context')
}

/** What the steps of flows do in the service. */
export function createStepActions(options: StepActionsOptions): StepActions<Queued> {
  const { ports, commands, progress } = options
  return {
    exec: (step, context) => execute(options, step, context),
    handOff: async (flow, context) => {
      const handed = await handOffStep(ports, flow, context)
      if (handed.kind === 'accepted' || handed.kind === 'known') await progress.advance([flow])
      return handed
    },
    dispatch: (event, context) => dispatchStep(options, event, context),
    run: async (branch, { attempt, index, run }) => {
      const queued = await commands.run(branch, `flow ${run.flow}`, changeWorkloadId(attempt.id, index))
      if (queued.kind !== 'stopped') return 'queued'
      return { status: 'failed', message: queued.problems.map(({ message, why }) => `${message}: ${why}`).join('\n') }
    },
    invalidate: async (pattern, { run }) => {
      try {
        const branches = await invalidateMatching(options, pattern, `flow ${run.flow}`)
        const what = branches.length === 0 ? 'no change matches' : `locked ${branches.join(', ')}`
        return { status: 'completed', message: what }
      } catch (error) {
        return { status: 'failed', message: failureText(error) }
      }
    },
  }
}

async function execute(options: StepActionsOptions, step: ExecStep, context: StepContext): Promise<StepEnd> {
  const { places, clock, url } = options
  const { event, contextDirectory, collector, signal } = context
  try {
    await writeMissing(contextDirectory, event.context)
  } catch (error) {
    return { status: 'failed', message: `its context files could not be written: ${failureText(error)}` }
  }
  return runExecStep(step, {
    clock,
    directory: resolve(places.root, step.workingDirectory),
    environment: stepEnvironment(context, {
      caller: places.environment,
      names: step.env,
      contextDirectory,
      url: url(),
    }),
    input: JSON.stringify(listedEventToJson(event)),
    collector,
    signal,
    signalGroup: places.signalGroup,
  })
}

/** The steps of an attempt may be executed on several machines, and an earlier one may have left files for a later one, but no link to another folder. */
async function writeMissing(directory: string, files: readonly ContextFile[]): Promise<void> {
  const isThere = await lstat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isThere) await writeContextFolder(dirname(directory), files)
}
