import type { Drive, Ports } from '../../engine/build/drive.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { Clock } from '../../ports/clock.js'
import type { Host } from '../../ports/host/host.js'
import type { Journal } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'

/** The user's side of an orchestration: its display and its interruption. */
export interface Frontend {
  /** Opens the reporter of one orchestration. It is closed when this process is done with the orchestration. */
  openReporter: () => Promise<Reporter>
  /** Calls the listener, with the name of the signal, when the user wants to stop. Returns a function that removes the listener. */
  onInterrupt: (listener: (signal: string) => void) => () => void
  /** Called with each orchestration that begins to be driven, to cancel it, hand it over or report a pushed run; absent: nothing does. */
  onDrive?: ((drive: Drive) => void) | undefined
}

/** The dependencies of an orchestration's driver besides its journal. */
export interface DriveOptions {
  host: Host
  clock: Clock
  frontend: Frontend
  /** As in `KernelPorts`. */
  onJournalFailure?: Ports['onJournalFailure']
}

export interface DriveToEndOptions extends DriveOptions {
  /** Closed at the end. */
  journal: Journal
  /** Called before the drive begins, to report what happened earlier. */
  introduce?: (reporter: Reporter) => void
  begin: (ports: Ports) => Drive
}

/** An orchestration that this process is done with. */
export type Driven =
  | { kind: 'ended'; orchestration: EndedOrchestration }
  /** GitHub refused the token: the orchestration can be resumed with a valid one. */
  | { kind: 'suspended'; orchestration: Orchestration }
  /** It was handed over: another process resumes it. */
  | { kind: 'handed-over'; orchestration: Orchestration }

export type EndedOrchestration = Orchestration & { ending: Ending }

/** Drives an orchestration until it ends, is suspended or is handed over, and closes its reporter and journal. */
export async function driveToEnd(options: DriveToEndOptions): Promise<Driven> {
  const { host, clock, frontend, onJournalFailure, journal, introduce, begin } = options
  const reporter = await frontend.openReporter()
  introduce?.(reporter)
  const running = begin({ github: host, clock, journal, reporter, onJournalFailure })
  const stopListening = frontend.onInterrupt((signal) => running.interrupt(signal))
  frontend.onDrive?.(running)
  try {
    return toDriven(await running.finished)
  } finally {
    stopListening()
    await reporter.close()
    await journal.close()
  }
}

function toDriven(orchestration: Orchestration): Driven {
  const { ending, isSuspended } = orchestration
  if (ending) return { kind: 'ended', orchestration: { ...orchestration, ending } }
  if (isSuspended) return { kind: 'suspended', orchestration }
  return { kind: 'handed-over', orchestration }
}
