import { withoutTokens } from '../../lib/redaction.js'
import { workflowMessageSafe } from '../../lib/sanitize.js'
import type { Output } from '../../report/output.js'
import { createOutput } from '../../report/output.js'
import type { ViewOptions } from '../../report/style.js'
import type { Environment } from '../../app/environment.js'
import type { Screen } from '../process/screen.js'
import type { Problem } from '../../app/problem.js'
import { exitCodeFor, problemParagraph, renderProblem } from './render-problem.js'
import type { ExitCode } from './exit-codes.js'

/** The streams that a command writes to. */
export interface Terminal {
  stdout: Screen
  stderr: Screen
  env: Environment
  /** Whether progress and notes are left out. */
  isQuiet: boolean
}

/** The output of a command: its result on stdout, everything else on stderr. */
export interface Messages {
  stdout: Output
  stderr: Output
  /** Whether stdout could not be written, for another reason than a reader who is gone. */
  isOutputLost: () => boolean
  /** The format in which views draw on stdout. */
  view: ViewOptions
  isInActions: boolean
  isQuiet: boolean
  /**
   * Writes problems to stderr; returns the exit code for them. In GitHub Actions they become annotations too, also on stderr: the runner
   * reads workflow commands from both streams, and a step that redirects stdout (`--json > plan.json`) must not get them there.
   */
  reportProblems: (problems: readonly Problem[]) => ExitCode
  /** Writes a line of sanitized text to stderr, unless `isQuiet`. `redirect` sends these lines elsewhere while a live display holds the terminal. */
  note: (text: string) => void
  redirect: (write: ((text: string) => void) | null) => void
}

/** `opened`: the messages whose streams are used; left out: the terminal's own. */
export function createMessages(terminal: Terminal, opened?: Messages): Messages {
  const { env, isQuiet } = terminal
  const { stdout, stderr, isOutputLost } = opened ?? openStreams(terminal)
  const isInActions = env['GITHUB_ACTIONS'] === 'true'
  const color = wantsColor(env, terminal.stderr)
  let elsewhere: ((text: string) => void) | null = null
  return {
    stdout,
    stderr,
    isOutputLost,
    isInActions,
    isQuiet,
    view: {
      color: wantsColor(env, terminal.stdout),
      unicode: wantsUnicode(env),
      columns: columnsOf(terminal.stdout),
    },
    reportProblems: (problems) => {
      for (const problem of problems) {
        // The words of a command line may be a token that was given to the wrong flag.
        stderr.write(withoutTokens(renderProblem(problem, { color })))
        if (!isInActions) continue
        stderr.write(`::error title=orch::${workflowMessageSafe(withoutTokens(problemParagraph(problem)))}\n`)
      }
      return exitCodeFor(problems)
    },
    note: (text) => {
      if (isQuiet) return
      if (elsewhere) elsewhere(text)
      else stderr.write(`${text}\n`)
    },
    redirect: (write) => (elsewhere = write),
  }
}

function openStreams(terminal: Terminal): Pick<Messages, 'stdout' | 'stderr' | 'isOutputLost'> {
  let isLost = false
  // What stderr loses cannot be reported anywhere.
  const stderr = createOutput(terminal.stderr.stream, () => undefined)
  const stdout = createOutput(terminal.stdout.stream, (error) => {
    isLost = true
    stderr.write(`error: stdout cannot be written: ${error.message}\n`)
  })
  return { stdout, stderr, isOutputLost: () => isLost }
}

/** NO_COLOR (https://no-color.org) and a dumb or absent terminal disable colors; FORCE_COLOR enables them. */
export function wantsColor(env: Environment, screen: Screen): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if ((env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0') return true
  return screen.isTTY && env['TERM'] !== 'dumb'
}

/** A locale with another encoding than UTF-8, or with none (`C`), gets ASCII. Where no locale is set, nearly every reader expects UTF-8. */
export function wantsUnicode(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? 'UTF-8'
  return /utf-?8/iu.test(locale)
}

/** Piped text is not cut to the width of a terminal. */
function columnsOf(screen: Screen): number {
  return screen.isTTY ? screen.size().columns : 200
}
