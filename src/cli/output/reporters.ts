import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import type { Environment } from '../../app/environment.js'
import type { PauseReporter } from '../../ports/reporter.js'
import type { Clock } from '../../ports/clock.js'
import type { Messages, Terminal } from './messages.js'
import { wantsColor, wantsUnicode } from './messages.js'

/** The dependencies of a display. */
export interface DisplayContext extends Terminal {
  clock: Clock
}

/** A reporter. `restore` resets the terminal when the process ends without closing the reporter. */
export interface Display {
  reporter: PauseReporter
  restore: () => void
}

/** The display for the destination of the output: `--json`, GitHub Actions, a terminal, or a pipe. Each is loaded only when used. */
export async function chooseDisplay(context: DisplayContext, messages: Messages, asJson: boolean): Promise<Display> {
  if (asJson) {
    const { createJsonReporter } = await import('../../report/json/json.js')
    return plainDisplay(createJsonReporter({ output: messages.stdout }))
  }
  if (messages.isInActions) return plainDisplay(await actionsReporter(context.env, messages))
  if (messages.isQuiet) return plainDisplay(withoutProgress(await plainReporter(messages)))
  const { stdout, env } = context
  if (stdout.isTTY && env['TERM'] !== 'dumb') return terminalDisplay(context, messages)
  return plainDisplay(await plainReporter(messages))
}

function plainDisplay(reporter: PauseReporter): Display {
  return { reporter, restore: () => undefined }
}

async function plainReporter({ stdout }: Messages): Promise<PauseReporter> {
  const { createPlainReporter } = await import('../../report/plain/plain.js')
  return createPlainReporter({ output: stdout })
}

/** Only the end, with what the job that failed says about it. */
function withoutProgress(reporter: PauseReporter): PauseReporter {
  return {
    report: (event, orchestration) => {
      if (event.type === 'finished' || event.type === 'failure-explained') reporter.report(event, orchestration)
    },
    pause: () => undefined,
    close: () => reporter.close(),
  }
}

async function actionsReporter(env: Environment, messages: Messages): Promise<PauseReporter> {
  const { createGitHubActionsReporter } = await import('../../report/github-actions/github-actions.js')
  const { GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } = env
  return createGitHubActionsReporter({
    output: messages.stdout,
    ...(GITHUB_STEP_SUMMARY ? { appendSummary: (text: string) => appendFile(GITHUB_STEP_SUMMARY, text) } : {}),
    ...(GITHUB_OUTPUT ? { appendOutput: (text: string) => appendFile(GITHUB_OUTPUT, text) } : {}),
    randomToken: () => randomBytes(16).toString('hex'),
  })
}

async function terminalDisplay({ stdout, stderr, env, clock }: DisplayContext, messages: Messages): Promise<Display> {
  const { createTerminalReporter } = await import('../../report/terminal/terminal.js')
  const reporter = createTerminalReporter({
    output: messages.stdout,
    clock,
    size: stdout.size,
    color: wantsColor(env, stdout),
    unicode: wantsUnicode(env),
  })
  // Lines on stderr of the same terminal must not break the live display.
  if (stderr.isTTY) messages.redirect((text) => reporter.above(text))
  return {
    reporter: {
      report: (event, orchestration) => reporter.report(event, orchestration),
      pause: (pause) => reporter.pause(pause),
      close: async () => {
        messages.redirect(null)
        await reporter.close()
      },
    },
    restore: () => reporter.restore(),
  }
}
