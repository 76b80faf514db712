import type { Drive, Ports } from '../engine/drive.js'
import type { Ending, Orchestration } from '../model/orchestration.js'
import type { Journal } from '../ports/journal.js'
import type { Reporter } from '../ports/reporter.js'
import type { Context } from './context.js'
import { exitCodes } from './exit-codes.js'
import { chooseDisplay } from './reporters.js'
import type { Display } from './reporters.js'
import type { Session } from './session.js'
import type { Messages } from './terminal-messages.js'

export interface Driving {
  journal: Journal
  asJson: boolean
  /** Called before anything is driven, for what the reader must see first. */
  introduce?: (reporter: Reporter) => void
  begin: (ports: Ports) => Drive
}

/** An orchestration that has ended. */
export type Finished = Orchestration & { ending: Ending }

/** Drives an orchestration to its end in front of the reader, and closes what it wrote to. */
export async function driveToEnd(
  context: Context,
  messages: Messages,
  session: Session,
  { journal, asJson, introduce, begin }: Driving,
): Promise<Finished> {
  const display = await chooseDisplay(context, messages, asJson)
  introduce?.(display.reporter)
  return driveBefore(context, session, display, { journal, begin })
}

/** The same before any display. */
export async function driveBefore(
  context: Context,
  { connection, takeSignals }: Session,
  { reporter, restore }: Display,
  { journal, begin }: Pick<Driving, 'journal' | 'begin'>,
): Promise<Finished> {
  const running = begin({ github: connection.github, clock: context.clock, journal, reporter })
  const giveBack = takeSignals(interruptBySignals(context, running, restore))
  try {
    const orchestration = await running.finished
    const { ending } = orchestration
    if (!ending) throw new Error('the orchestration finished without an ending')
    return { ...orchestration, ending }
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
