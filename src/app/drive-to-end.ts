import type { Drive, Ports } from '../engine/build/drive.js'
import type { Orchestration } from '../model/build/orchestration.js'
import type { Journal } from '../ports/journal.js'
import type { Reporter } from '../ports/reporter.js'
import type { Context } from '../cli/process/context.js'
import { exitCodeOf, exitCodes } from '../cli/output/exit-codes.js'
import type { ExitCode } from '../cli/output/exit-codes.js'
import { chooseDisplay } from '../cli/output/reporters.js'
import type { Session } from '../cli/connect/session.js'
import type { Messages } from '../cli/output/messages.js'

export interface Driving {
  journal: Journal
  asJson: boolean
  /** Called before anything is driven, for what the reader must see first. */
  introduce?: (reporter: Reporter) => void
  begin: (ports: Ports) => Drive
}

/** An orchestration that this process is done with: it has ended, or it is suspended because the token is refused. */
export type Driven = Orchestration

/** What the command ends with. */
export function exitCodeOfDriven({ ending }: Driven): ExitCode {
  return ending ? exitCodeOf(ending) : exitCodes.authentication
}

/** Drives an orchestration to its end in front of the reader, and closes what it wrote to. */
export async function driveToEnd(
  context: Context,
  messages: Messages,
  session: Session,
  { journal, asJson, introduce, begin }: Driving,
): Promise<Driven> {
  const display = await chooseDisplay(context, messages, asJson)
  introduce?.(display.reporter)
  const giveBackPauses = session.connection.takePauses((pause) => display.reporter.pause(pause))
  try {
    return await driveBefore(context, session, display, { journal, begin })
  } finally {
    giveBackPauses()
  }
}

/** The same before any display. */
export async function driveBefore(
  context: Context,
  { connection, takeSignals }: Session,
  { reporter, restore }: { reporter: Reporter; restore: () => void },
  { journal, begin }: Pick<Driving, 'journal' | 'begin'>,
): Promise<Driven> {
  const running = begin({ github: connection.github, clock: context.clock, journal, reporter })
  const giveBack = takeSignals(interruptBySignals(context, running, restore))
  try {
    const orchestration = await running.finished
    if (!orchestration.ending && !orchestration.isSuspended) throw new Error('the orchestration has no end')
    return orchestration
  } finally {
    giveBack()
    await reporter.close()
    await journal.close()
  }
}

/** The first signal ends the orchestration in order, the second one ends the process. */
function interruptBySignals(context: Context, running: Drive, restore: () => void): (signal: string) => void {
  let count = 0
  return (signal) => {
    count += 1
    if (count === 1) {
      running.interrupt(signal)
      return
    }
    restore()
    context.exit(exitCodes.interrupted)
  }
}
