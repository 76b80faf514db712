import { foldJournal } from '../../app/history/fold-journal.js'
import type { Stopped } from '../../app/problem.js'
import { resumeOrchestration } from '../../app/resume-orchestration.js'
import { runChange } from '../../app/run-change.js'
import type { Driven, Frontend } from '../../app/run/drive-to-end.js'
import { endOfRun, endOfStopped } from '../../app/run/end-of-run.js'
import type { Drive } from '../../engine/build/drive.js'
import { assertNever } from '../../lib/assert-never.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import { isTransientFailure } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import type { Clock } from '../../ports/clock.js'
import type { Host } from '../../ports/host/host.js'
import type { Reporter } from '../../ports/reporter.js'
import type { Store } from '../../ports/store.js'
import type { GitHubLogin } from '../github-login.js'
import type { Log } from '../operations/log.js'
import type { Execute, Execution } from './execution.js'
import { leasedStore } from './leased-store.js'
import type { LeasedStore } from './leased-store.js'
import type { WorkloadEnd } from './workload-row.js'
import type { Work } from './workload.js'

export interface RunWorkOptions {
  host: Host
  /** What a run waits for; absent: for nothing. */
  githubLogin?: Pick<GitHubLogin, 'whenAccepted'> | undefined
  clock: Clock
  store: Store
  log: Log
  /** Numbers in [0, 1). */
  random: () => number
  /** The graph file as it is now. */
  graph: () => Promise<Graph>
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The page that our statuses link to. */
  link: (branch: string) => string
  /** Reporters of one orchestration, besides the log; absent: none. */
  openReporters?: (() => readonly Reporter[]) | undefined
}

type RunWork = Extract<Work, { kind: 'run' }>

/** Builds a change. An execution that follows another one resumes its orchestration from the journal. */
export function createRunWork(options: RunWorkOptions): Execute<'run'> {
  return async (work, execution) => {
    const { orchestration } = execution
    // An attempt whose every request is refused would count as a failed one.
    await options.githubLogin?.whenAccepted(execution.signal)
    if (orchestration === null) return begin(options, work, execution)
    const { reading } = await options.store.read(orchestration)
    switch (reading.kind) {
      // The earlier execution ended before the first event: nothing was done.
      case 'absent':
      case 'empty':
        return begin(options, work, execution)
      case 'newer':
        return { status: 'failed', result: `a newer orch wrote the journal of the orchestration ${orchestration}` }
      case 'damaged':
        return { status: 'failed', result: `the journal of the orchestration ${orchestration} is damaged` }
      case 'events': {
        const folded = foldJournal(orchestration, reading.events)
        if (folded.ok && folded.orchestration.ending) return endOfRun(folded.orchestration.ending)
        const driveOptions = toDriveOptions(options, execution)
        return toEnd(await resumeOrchestration({ ...driveOptions, id: orchestration }), driveOptions.store)
      }
      default:
        return assertNever(reading)
    }
  }
}

async function begin(options: RunWorkOptions, work: RunWork, execution: Execution): Promise<WorkloadEnd> {
  const { log, random, graph, serverUrl, link } = options
  const { branch, event, settings } = work
  const driveOptions = toDriveOptions(options, execution)
  const result = await runChange({
    ...driveOptions,
    random,
    graph: await graph(),
    branch,
    event,
    settings,
    serverUrl,
    link: link(branch),
    note: (text) => log.info({ workload: execution.id }, text),
    follow: false,
  })
  return toEnd(result, driveOptions.store)
}

function toDriveOptions(options: RunWorkOptions, execution: Execution) {
  const { host, clock } = options
  return {
    host,
    clock,
    store: leasedStore(options.store, execution),
    frontend: frontendOf(options, execution),
    onJournalFailure: 'hand-over' as const,
  }
}

function frontendOf({ log, openReporters }: RunWorkOptions, execution: Execution): Frontend {
  let latest: Orchestration | null = null
  const onDrive = (drive: Drive): void => {
    const { signal, isHandedOn } = execution
    const handOver = (): void => drive.handOver(isHandedOn() ? 'gracefully' : 'at-once')
    if (signal.aborted) handOver()
    else signal.addEventListener('abort', handOver, { once: true })
    execution.onCancel((by) => drive.cancel(by))
    execution.onDrive(drive, () => latest)
  }
  const logged = logReporter(log.with({ workload: execution.id }))
  const reporters = [logged, ...(openReporters?.() ?? [])]
  return {
    openReporter: () =>
      Promise.resolve({
        report: (event, orchestration) => {
          latest = orchestration
          for (const reporter of reporters) reporter.report(event, orchestration)
        },
        close: async () => {
          await Promise.all(reporters.map((reporter) => reporter.close()))
        },
      }),
    // Signals reach the process as a whole, which hands its workloads on.
    onInterrupt: () => () => undefined,
    onDrive,
  }
}

function logReporter(log: Log): Reporter {
  return {
    report: (event, { id, plan, ending }) => {
      const fields = { orchestration: id, change: plan.branch }
      if (event.type === 'started') log.info(fields, 'an orchestration has started')
      else if (event.type === 'resumed') log.info(fields, 'an orchestration was resumed')
      else if (ending) log.info({ ...fields, outcome: ending.outcome }, 'an orchestration has ended')
      else log.debug({ ...fields, event: event.type }, 'an event of an orchestration')
    },
    close: () => Promise.resolve(),
  }
}

/** Rejects for what another execution may finish. */
function toEnd(result: Driven | Stopped, store: LeasedStore): WorkloadEnd {
  switch (result.kind) {
    case 'ended':
      return endOfRun(result.orchestration.ending)
    case 'suspended': {
      const why = result.orchestration.tokenRefusal?.failure.message ?? 'it was refused'
      throw new Error(`GitHub does not accept the token: ${why}`)
    }
    case 'handed-over':
      throw new Error(`the orchestration ${result.orchestration.id} was handed over`)
    case 'stopped':
      return toStoppedEnd(result, store)
    default:
      return assertNever(result)
  }
}

function toStoppedEnd(stopped: Stopped, store: LeasedStore): WorkloadEnd {
  const passing = stopped.problems.find(({ failure }) => failure !== undefined && isTransientFailure(failure))
  const retried = store.problem() ?? passing?.message
  if (retried !== undefined) throw new Error(retried)
  return endOfStopped(stopped)
}
