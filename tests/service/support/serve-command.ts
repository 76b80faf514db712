import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBuilt } from '../../cli/support/built-command.js'
import type { BuiltCommand } from '../../cli/support/built-command.js'

export const webhookSecret = 'a-secret-of-the-test'
export const apiToken = 'the-token-of-the-administrator'

/** `orch serve --json` as a process of its own, after it has said where it listens. */
export interface ServeCommand extends BuiltCommand {
  url: string
  /** The first line of stdout. */
  announcement: Readonly<Record<string, string>>
  /** Sends a request with the token of the administrator. */
  get: (path: string, headers?: Record<string, string>) => Promise<Response>
  json: (path: string) => Promise<unknown>
}

/** Starts `orch serve` on a free port. */
export async function startServe(
  cwd: string,
  { flags = [], env = {}, start = startBuilt }: StartServeOptions = {},
): Promise<ServeCommand> {
  const words = ['serve', '--json', ...(flags.includes('--port') ? [] : ['--port', '0']), ...flags]
  const command = start(words, {
    cwd,
    env: { ORCH_WEBHOOK_SECRET: webhookSecret, ORCH_API_TOKEN: apiToken, ...env },
  })
  const [line] = await command.until(/^.*\n/u)
  const announcement = JSON.parse(line) as Record<string, string>
  const url = announcement['url'] ?? ''
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiToken}`, ...headers } })
  return { ...command, url, announcement, get, json: async (path) => (await get(path)).json() }
}

export interface StartServeOptions {
  flags?: readonly string[]
  env?: Record<string, string>
  /** Another build of the command. */
  start?: typeof startBuilt
}

export interface WebhookRequest {
  id: string
  body: string
  event?: string
  /** Absent: signed with the secret of the service. Null: not signed. */
  signature?: string | null
  contentType?: string
}

/** Sends a delivery as GitHub does. */
export function deliver(url: string, request: WebhookRequest): Promise<Response> {
  const { id, body, event = 'push', contentType = 'application/json' } = request
  const { signature = `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}` } = request
  return fetch(`${url}/webhooks/github`, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'x-github-delivery': id,
      'x-github-event': event,
      ...(signature === null ? {} : { 'x-hub-signature-256': signature }),
    },
    body,
  })
}

/** The embedded GitHub of a service, used as a developer does: by git and by the REST API. */
export class Developer {
  readonly url: string
  readonly token: string

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  /** The developer of the sandbox that the service of this folder has started. */
  static async of({ announcement }: ServeCommand, directory: string): Promise<Developer> {
    const token = await readFile(join(directory, '.orch', 'sandbox', 'token'), 'utf8')
    return new Developer(announcement['sandbox'] ?? '', token.trim())
  }

  remote(repo: string): string {
    return `${this.url.replace('://', `://developer:${this.token}@`)}/${repo}.git`
  }

  async rest(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.url}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  /** The statuses of our context on the head of a branch, newest first, as `state description`. */
  async statuses(repo: string, branch: string): Promise<string[]> {
    const statuses = (await this.rest('GET', `/repos/${repo}/commits/${branch}/statuses?per_page=100`)) as Status[]
    return statuses
      .filter(({ context }) => context === 'orchestrator-build')
      .map(({ state, description }) => `${state} ${description ?? ''}`)
  }
}

interface Status {
  context: string
  state: string
  description: string | null
}

/** The first answer that is not null; asks again while the machine is busy. */
export async function eventually<T>(what: string, ask: () => Promise<T | null>, timeoutMs = 240_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
