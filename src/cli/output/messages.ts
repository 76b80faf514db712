import { workflowMessageSafe } from '../../lib/sanitize.js'
import type { Output } from '../../report/output.js'
import { createOutput } from '../../report/output.js'
import type { ViewOptions } from '../../report/style.js'
import type { Context, Screen } from '../process/context.js'
import type { Problem } from '../../app/problem.js'
import { exitCodeFor, problemParagraph, renderProblem } from './render-problem.js'
import type { ExitCode } from './exit-codes.js'

/** What a command says: what was asked for on stdout, everything else on stderr. */
export interface Messages {
  stdout: Output
  stderr: Output
  /** How views draw on stdout. */
  view: ViewOptions
  isInActions: boolean
  /**
   * Tells problems on stderr; returns the exit code for them. In GitHub Actions they become annotations too, on stderr as
   * well: the runner reads commands from both, and a step that keeps our stdout (`--json > plan.json`) must not get them there.
   */
  reportProblems: (problems: readonly Problem[]) => ExitCode
  /** A line for stderr; harmless text. `redirect` sends these lines elsewhere while a live display holds the terminal. */
  note: (text: string) => void
  redirect: (write: ((text: string) => void) | null) => void
}

export function createMessages(context: Context): Messages {
  // A stream that fails for another reason than a reader who left loses output: the exit code still tells the truth.
  const stderr = createOutput(context.stderr.stream, () => undefined)
  const stdout = createOutput(context.stdout.stream, (error) =>
    stderr.write(`error: stdout cannot be written: ${error.message}\n`),
  )
  const isInActions = context.env['GITHUB_ACTIONS'] === 'true'
  const color = wantsColor(context, context.stderr)
  let elsewhere: ((text: string) => void) | null = null
  return {
    stdout,
    stderr,
    isInActions,
    view: {
      color: wantsColor(context, context.stdout),
      unicode: wantsUnicode(context),
      columns: columnsOf(context.stdout),
    },
    reportProblems: (problems) => {
      for (const problem of problems) {
        stderr.write(renderProblem(problem, { color }))
        if (isInActions) stderr.write(`::error title=orch::${workflowMessageSafe(problemParagraph(problem))}\n`)
      }
      return exitCodeFor(problems)
    },
    note: (text) => {
      if (elsewhere) elsewhere(text)
      else stderr.write(`${text}\n`)
    },
    redirect: (write) => (elsewhere = write),
  }
}

/** NO_COLOR (https://no-color.org) and a dumb or absent terminal switch colours off; FORCE_COLOR switches them on. */
export function wantsColor({ env }: Context, screen: Screen): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if ((env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0') return true
  return screen.isTTY && env['TERM'] !== 'dumb'
}

/** A locale that names another encoding than UTF-8, or none (`C`), gets ASCII; where no locale is set, UTF-8 is what is read nearly everywhere. */
export function wantsUnicode({ env }: Context): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? 'UTF-8'
  return /utf-?8/iu.test(locale)
}

/** Piped text is not cut to a terminal that is not there. */
function columnsOf(screen: Screen): number {
  return screen.isTTY ? screen.size().columns : 200
}
