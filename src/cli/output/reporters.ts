import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import type { PauseReporter } from '../../ports/reporter.js'
import type { Context } from '../process/context.js'
import type { Messages } from './messages.js'
import { wantsColor, wantsUnicode } from './messages.js'

/** A reporter, and how to give the terminal back at once when the process ends without closing it. */
export interface Display {
  reporter: PauseReporter
  restore: () => void
}

/** The display that suits where the output goes: `--json`, GitHub Actions, a terminal, or a pipe. Each is loaded only when used. */
export async function chooseDisplay(context: Context, messages: Messages, asJson: boolean): Promise<Display> {
  if (asJson) {
    const { createJsonReporter } = await import('../../report/json/json.js')
    return plainDisplay(createJsonReporter({ output: messages.stdout }))
  }
  if (messages.isInActions) return plainDisplay(await actionsReporter(context, messages))
  const { stdout, env } = context
  if (stdout.isTTY && env['TERM'] !== 'dumb') return terminalDisplay(context, messages)
  const { createPlainReporter } = await import('../../report/plain/plain.js')
  return plainDisplay(createPlainReporter({ output: messages.stdout }))
}

function plainDisplay(reporter: PauseReporter): Display {
  return { reporter, restore: () => undefined }
}

async function actionsReporter(context: Context, messages: Messages): Promise<PauseReporter> {
  const { createGitHubActionsReporter } = await import('../../report/github-actions/github-actions.js')
  const { GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } = context.env
  return createGitHubActionsReporter({
    output: messages.stdout,
    ...(GITHUB_STEP_SUMMARY ? { appendSummary: (text: string) => appendFile(GITHUB_STEP_SUMMARY, text) } : {}),
    ...(GITHUB_OUTPUT ? { appendOutput: (text: string) => appendFile(GITHUB_OUTPUT, text) } : {}),
    randomToken: () => randomBytes(16).toString('hex'),
  })
}

async function terminalDisplay(context: Context, messages: Messages): Promise<Display> {
  const { createTerminalReporter } = await import('../../report/terminal/terminal.js')
  const reporter = createTerminalReporter({
    output: messages.stdout,
    clock: context.clock,
    size: context.stdout.size,
    color: wantsColor(context, context.stdout),
    unicode: wantsUnicode(context),
  })
  // Diagnostics for the same terminal must not tear the live display.
  if (context.stderr.isTTY) messages.redirect((text) => reporter.above(text))
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
