import type { Frontend } from '../../app/run/drive-to-end.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { chooseDisplay } from '../output/reporters.js'
import type { DisplayContext } from '../output/reporters.js'
import type { Session } from './session.js'

interface Process {
  /** Ends the process at once. */
  exit: (code: number) => void
}

export interface FrontendOptions {
  context: DisplayContext & Process
  messages: Messages
  session: Pick<Session, 'connection' | 'takeSignals'>
  asJson: boolean
}

/** The command as a frontend: a display, and signals. */
export function createFrontend({ context, messages, session, asJson }: FrontendOptions): Frontend {
  let restore = (): void => undefined
  return {
    openReporter: async () => {
      const display = await chooseDisplay(context, messages, asJson)
      const { reporter } = display
      restore = display.restore
      const giveBackPauses = session.connection.takePauses((pause) => reporter.pause(pause))
      return {
        report: (event, orchestration) => reporter.report(event, orchestration),
        close: async () => {
          giveBackPauses()
          await reporter.close()
        },
      }
    },
    onInterrupt: (listener) => onInterrupt(context, session, listener, () => restore()),
  }
}

/** A frontend that shows nothing. */
export function createSilentFrontend(context: Process, session: Pick<Session, 'takeSignals'>): Frontend {
  const reporter = { report: () => undefined, close: () => Promise.resolve() }
  return {
    openReporter: () => Promise.resolve(reporter),
    onInterrupt: (listener) => onInterrupt(context, session, listener, () => undefined),
  }
}

/** The first signal interrupts the orchestration, the second one ends the process. `restore`: resets the terminal before that. */
function onInterrupt(
  { exit }: Process,
  { takeSignals }: Pick<Session, 'takeSignals'>,
  listener: (signal: string) => void,
  restore: () => void,
): () => void {
  let isInterrupted = false
  return takeSignals((signal) => {
    if (!isInterrupted) {
      isInterrupted = true
      listener(signal)
      return
    }
    restore()
    exit(exitCodes.interrupted)
  })
}
