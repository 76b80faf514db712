import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sanitize } from '../../lib/sanitize.js'
import { paint } from '../../report/paint.js'
import type { Context } from '../context.js'
import { packageRoot } from '../package-root.js'
import type { Messages } from '../terminal-messages.js'

/** Where the story plays: a folder of its own, with the embedded GitHub that listens for it. */
export interface Place {
  directory: string
  url: string
  token: string
}

/**
 * Shows each step as the real command and its real output. Throws `StoryBroken` when a step does not go as it must, and
 * `StoryInterrupted` when the user stopped it.
 */
export interface Stage {
  chapter(title: string): void
  say(text: string): void
  orch(args: readonly string[], expectedCode: number): Promise<void>
  git(repository: string, args: readonly string[]): Promise<void>
  write(repository: string, files: Readonly<Record<string, string>>): Promise<void>
  /** One request to the API; shows its answer's status and message. Returns the answer. */
  api(method: string, path: string, body: object | null, expectedStatus: number): Promise<unknown>
}

/** A step that did not go as it must: the demo is broken, not the user's fault. */
export class StoryBroken extends Error {
  override readonly name = 'StoryBroken'
}

/** The user stopped the story: a step that failed then says nothing about the demo. */
export class StoryInterrupted extends Error {
  override readonly name = 'StoryInterrupted'
}

const orchProgram = fileURLToPath(new URL('bin/orch.js', packageRoot))

export function createStage(context: Context, messages: Messages, place: Place, interruption: AbortSignal): Stage {
  const { stdout, view } = messages
  const checkInterruption = (): void => {
    if (interruption.aborted) throw new StoryInterrupted()
  }
  const show = async (command: string, prompt = '$'): Promise<void> => {
    checkInterruption()
    stdout.write(`${paint(`${prompt} ${command}`, 'bold', view)}\n`)
    // What the command writes itself must come after what we wrote.
    await stdout.flush()
  }
  return {
    chapter: (title) => stdout.write(`\n${paint(`── ${title}`, 'cyan', view)}\n`),
    say: (text) => stdout.write(`${paint(text, 'dim', view)}\n`),
    async orch(args, expectedCode) {
      await show(['orch', ...args].map(quoted).join(' '))
      const code = await context.runProgram(context.nodeProgram, [orchProgram, ...args, '--sandbox'], {
        cwd: place.directory,
        // The user's own graph file is none of the demo's business.
        env: { ORCH_CONFIG: '' },
      })
      checkInterruption()
      if (code !== expectedCode)
        throw new StoryBroken(`orch ${args.join(' ')} ended with ${code} instead of ${expectedCode}`)
      stdout.write(`${paint(`(exit code ${code})`, 'dim', view)}\n`)
    },
    async git(repository, args) {
      await show(['git', ...args].map(quoted).join(' '), repository === '.' ? '$' : `${repository} $`)
      const real = args.map((word) => word.replace('$SANDBOX', place.url))
      const code = await context.runProgram('git', real, {
        cwd: join(place.directory, repository),
        env: gitEnvironment(place),
      })
      checkInterruption()
      if (code !== 0) throw new StoryBroken(`git ${args.join(' ')} ended with ${code}`)
    },
    async write(repository, files) {
      stdout.write(`${repository} $ # edit ${Object.keys(files).join(', ')}\n`)
      for (const [path, text] of Object.entries(files)) {
        const target = join(place.directory, repository, path)
        await mkdir(dirname(target), { recursive: true })
        await writeFile(target, text)
      }
    },
    async api(method, path, body, expectedStatus) {
      await show(`${method} ${path}`, '>')
      const response = await fetch(`${place.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${place.token}` },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      })
      const answer: unknown = await response.json()
      stdout.write(`< ${response.status} ${sanitize(summaryOf(answer))}\n`)
      if (response.status !== expectedStatus) {
        throw new StoryBroken(`${method} ${path} answered ${response.status} instead of ${expectedStatus}`)
      }
      return answer
    },
  }
}

/** The line of an answer that a reader wants: GitHub's message, or the page of what was made. */
function summaryOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return ''
  if ('message' in answer) return String(answer.message).replace(/\s+/gu, ' ').trim()
  return 'html_url' in answer ? String(answer.html_url) : ''
}

function quoted(word: string): string {
  return /^[\w./:=@$-]+$/u.test(word) ? word : `'${word}'`
}

/** The token goes in by the environment, so that neither a command line nor git's output shows it; nothing of the user's own settings counts. */
function gitEnvironment({ token }: Place): Record<string, string> {
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
