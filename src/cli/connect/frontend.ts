import type { Context } from '../context.js'
import type { Frontend } from '../../app/run/drive-to-end.js'
import { exitCodes } from '../exit-codes.js'
import type { Messages } from '../terminal-messages.js'
import { chooseDisplay } from '../reporters.js'
import type { Display } from '../reporters.js'
import type { Session } from '../session.js'

export interface FrontendOptions {
  context: Context & {
    /** Ends the process at once. */
    exit: (code: number) => void
  }
  messages: Messages
  session: Pick<Session, 'connection' | 'takeSignals'>
  asJson: boolean
}

/** The command as a frontend: a display, and signals. The first signal ends the orchestration in order, the second one ends the process. */
export function createFrontend({ context, messages, session, asJson }: FrontendOptions): Frontend {
  let display: Display | null = null
  return {
    openReporter: async () => {
      const { reporter, restore } = await chooseDisplay(context, messages, asJson)
      display = { reporter, restore }
      const giveBackPauses = session.connection.takePauses((pause) => reporter.pause(pause))
      return {
        report: (event, orchestration) => reporter.report(event, orchestration),
        close: async () => {
          giveBackPauses()
          await reporter.close()
        },
      }
    },
    onInterrupt: (listener) => {
      let isInterrupted = false
      return session.takeSignals((signal) => {
        if (!isInterrupted) {
          isInterrupted = true
          listener(signal)
          return
        }
        display?.restore()
        context.exit(exitCodes.interrupted)
      })
    },
  }
}
