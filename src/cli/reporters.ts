import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import type { Reporter } from '../ports/reporter.js'
import type { Context } from './context.js'
import type { Messages } from './terminal-messages.js'
import { wantsColor } from './terminal-messages.js'

/** The reporter that suits where the output goes: `--json`, GitHub Actions, a terminal, or a pipe. Each is loaded only when used. */
export async function chooseReporter(context: Context, messages: Messages, asJson: boolean): Promise<Reporter> {
  if (asJson) {
    const { createJsonReporter } = await import('../report/json.js')
    return createJsonReporter({ output: messages.stdout })
  }
  if (messages.isInActions) return actionsReporter(context, messages)
  const { stdout, env } = context
  if (stdout.isTTY && env['TERM'] !== 'dumb') return terminalReporter(context, messages)
  const { createPlainReporter } = await import('../report/plain.js')
  return createPlainReporter({ output: messages.stdout })
}

async function actionsReporter(context: Context, messages: Messages): Promise<Reporter> {
  const { createGitHubActionsReporter } = await import('../report/github-actions.js')
  const { GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } = context.env
  return createGitHubActionsReporter({
    output: messages.stdout,
    ...(GITHUB_STEP_SUMMARY ? { appendSummary: (text: string) => appendFile(GITHUB_STEP_SUMMARY, text) } : {}),
    ...(GITHUB_OUTPUT ? { appendOutput: (text: string) => appendFile(GITHUB_OUTPUT, text) } : {}),
    randomToken: () => randomBytes(16).toString('hex'),
  })
}

async function terminalReporter(context: Context, messages: Messages): Promise<Reporter> {
  const { createTerminalReporter } = await import('../report/terminal.js')
  const reporter = createTerminalReporter({
    output: messages.stdout,
    clock: context.clock,
    size: context.stdout.size,
    color: wantsColor(context, context.stdout),
  })
  // Diagnostics for the same terminal must not tear the live display.
  if (context.stderr.isTTY) messages.redirect((text) => reporter.above(text))
  return {
    report: (event, orchestration) => reporter.report(event, orchestration),
    close: async () => {
      messages.redirect(null)
      await reporter.close()
    },
  }
}
