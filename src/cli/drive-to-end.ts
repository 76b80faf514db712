import type { Drive, Ports } from '../engine/drive.js'
import type { Journal } from '../ports/journal.js'
import type { Reporter } from '../ports/reporter.js'
import type { Context } from './context.js'
import type { ExitCode } from './exit-codes.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { chooseDisplay } from './reporters.js'
import type { Session } from './session.js'
import type { Messages } from './terminal-messages.js'

export interface Driving {
  journal: Journal
  asJson: boolean
  /** Called before anything is driven, for what the reader must see first. */
  introduce?: (reporter: Reporter) => void
  begin: (ports: Ports) => Drive
}

/** Drives an orchestration to its end in front of the reader, and closes what it wrote to. */
export async function driveToEnd(
  context: Context,
  messages: Messages,
  { connection, takeSignals }: Session,
  { journal, asJson, introduce, begin }: Driving,
): Promise<ExitCode> {
  const { reporter, restore } = await chooseDisplay(context, messages, asJson)
  introduce?.(reporter)
  const running = begin({ github: connection.github, clock: context.clock, journal, reporter })
  const giveBackPauses = connection.takePauses((pause) => reporter.pause(pause))
  const giveBack = takeSignals(interruptBySignals(context, running, restore))
  try {
    const { ending } = await running.finished
    if (!ending) throw new Error('the orchestration finished without an ending')
    return exitCodeOf(ending)
  } finally {
    giveBack()
    giveBackPauses()
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
