import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sanitize } from '../../lib/sanitize.js'
import { paint } from '../../report/paint.js'
import { packageRoot } from '../../lib/package-root.js'
import type { Messages } from '../output/messages.js'

/** The location of the demo: a temporary folder, and the embedded GitHub for it. */
export interface DemoSite {
  directory: string
  url: string
  token: string
}

/**
 * Runs the steps of the demo and shows each one as the real command with its real output. Throws `StepFailed` when a step does not end as
 * expected, and `DemoInterrupted` when the user stopped the demo.
 */
export interface DemoSteps {
  chapter(title: string): void
  explain(text: string): void
  orch(args: readonly string[], expectedCode: number): Promise<void>
  git(repository: string, args: readonly string[]): Promise<void>
  write(repository: string, files: Readonly<Record<string, string>>): Promise<void>
  /** Sends one request to the API, shows the status and message of the answer, and returns the answer. */
  api(method: string, path: string, body: object | null, expectedStatus: number): Promise<unknown>
}

/** A step did not end as expected, through no fault of the user. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

/** The user stopped the demo. A step that fails then is not an error of the demo. */
export class DemoInterrupted extends Error {
  override readonly name = 'DemoInterrupted'
}

const orchProgram = fileURLToPath(new URL('bin/orch.js', packageRoot()))

/** The functions with which the demo runs programs. */
export interface DemoPrograms {
  /** Runs a program on the command's own streams; resolves to its exit code. */
  runProgram: (
    command: string,
    args: readonly string[],
    options: { cwd: string; env: Readonly<Record<string, string>> },
  ) => Promise<number>
  /** The Node executable that runs this command. */
  nodeProgram: string
}

export interface DemoStepsOptions {
  programs: DemoPrograms
  messages: Messages
  site: DemoSite
  interruption: AbortSignal
}

export function createDemoSteps({ programs, messages, site, interruption }: DemoStepsOptions): DemoSteps {
  const { stdout, view } = messages
  const checkInterruption = (): void => {
    if (interruption.aborted) throw new DemoInterrupted()
  }
  const show = async (command: string, prompt = '$'): Promise<void> => {
    checkInterruption()
    stdout.write(`${paint(`${prompt} ${command}`, 'bold', view)}\n`)
    // The output of the command must follow this line.
    await stdout.flush()
  }
  return {
    chapter: (title) => stdout.write(`\n${paint(`── ${title}`, 'cyan', view)}\n`),
    explain: (text) => stdout.write(`${paint(text, 'dim', view)}\n`),
    async orch(args, expectedCode) {
      await show(['orch', ...args].map(quoted).join(' '))
      const code = await programs.runProgram(programs.nodeProgram, [orchProgram, ...args, '--sandbox'], {
        cwd: site.directory,
        // The demo has its own graph file.
        env: { ORCH_CONFIG: '' },
      })
      checkInterruption()
      if (code !== expectedCode)
        throw new StepFailed(`orch ${args.join(' ')} ended with ${code} instead of ${expectedCode}`)
      stdout.write(`${paint(`(exit code ${code})`, 'dim', view)}\n`)
    },
    async git(repository, args) {
      await show(['git', ...args].map(quoted).join(' '), repository === '.' ? '$' : `${repository} $`)
      const real = args.map((word) => word.replace('$SANDBOX', site.url))
      const code = await programs.runProgram('git', real, {
        cwd: join(site.directory, repository),
        env: gitEnvironment(site),
      })
      checkInterruption()
      if (code !== 0) throw new StepFailed(`git ${args.join(' ')} ended with ${code}`)
    },
    async write(repository, files) {
      stdout.write(`${repository} $ # edit ${Object.keys(files).join(', ')}\n`)
      for (const [path, text] of Object.entries(files)) {
        const target = join(site.directory, repository, path)
        await mkdir(dirname(target), { recursive: true })
        await writeFile(target, text)
      }
    },
    async api(method, path, body, expectedStatus) {
      await show(`${method} ${path}`, '>')
      const response = await fetch(`${site.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${site.token}` },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      })
      const answer: unknown = await response.json()
      stdout.write(`< ${response.status} ${sanitize(summaryOf(answer))}\n`)
      if (response.status !== expectedStatus) {
        throw new StepFailed(`${method} ${path} answered ${response.status} instead of ${expectedStatus}`)
      }
      return answer
    },
  }
}

/** The message of an answer, or the page of what the request created; empty: it has neither. */
function summaryOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return ''
  if ('message' in answer) return String(answer.message).replace(/\s+/gu, ' ').trim()
  return 'html_url' in answer ? String(answer.html_url) : ''
}

function quoted(word: string): string {
  return /^[\w./:=@$-]+$/u.test(word) ? word : `'${word}'`
}

/** Passes the token in the environment, so that neither a command line nor git's output shows it, and ignores the user's git settings. */
function gitEnvironment({ token }: DemoSite): Record<string, string> {
  const basic = Buffer.from(`developer:${token}`).toString('base64')
  return {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_AUTHOR_NAME: 'Developer',
    GIT_AUTHOR_EMAIL: 'developer@example.com',
    GIT_COMMITTER_NAME: 'Developer',
    GIT_COMMITTER_EMAIL: 'developer@example.com',
  }
}
