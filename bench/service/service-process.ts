import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, peakMemory } from './process-usage.js'
import { webhookSecret } from './signed-delivery.js'
import type { SignedDelivery } from './signed-delivery.js'

const program = fileURLToPath(new URL('../../bin/orch.js', import.meta.url))
const apiToken = 'the administrator of the benchmark'
const startTimeoutMs = 240_000

export interface ServiceOptions {
  /** The folder of the graph file. */
  directory: string
  apiUrl: string
  token: string
  databaseUrl: string | null
  /** Further flags of `orch serve`. */
  flags?: readonly string[]
}

/** A line of the log of the service. */
export interface LogLine {
  message?: string
  [field: string]: unknown
}

/** The built `orch serve` as a separate process. Disposal ends it as a service manager does. */
export interface ServiceProcess extends AsyncDisposable {
  pid: number
  url: string
  /** Resolves with the first line of the log that satisfies the condition; lines that came before count too. */
  logged: (isWanted: (line: LogLine) => boolean) => Promise<LogLine>
  /** Rejects unless the answer is 202. */
  deliver: (delivery: SignedDelivery) => Promise<void>
  /** Sends an event of the administrator. Resolves with the status of the answer. */
  sendEvent: (event: object) => Promise<number>
  /** Sends a request of the administrator. Rejects unless it succeeds. */
  get: (path: string) => Promise<unknown>
  post: (path: string) => Promise<unknown>
  /** The text of `GET /metrics`. */
  metrics: () => Promise<string>
  cpuSeconds: () => Promise<number>
  peakMemory: () => Promise<number>
  kill: () => void
}

/** Starts `orch serve` on a free port. Resolves when it listens. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { directory, apiUrl, token, databaseUrl, flags = [] } = options
  const database = databaseUrl === null ? [] : ['--database', databaseUrl]
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...database, ...flags], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: directory,
      NO_COLOR: '1',
      GITHUB_API_URL: apiUrl,
      GH_ENTERPRISE_TOKEN: token,
      ORCH_WEBHOOK_SECRET: webhookSecret,
      ORCH_API_TOKEN: apiToken,
      // The benchmark sends as many events as the service can accept.
      ORCH_EVENTS_PER_MINUTE: '1000000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('orch serve could not be started')
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const exited = once(child, 'exit')
  const log = readLog(createInterface({ input: child.stdout }))
  const failed = exited.then(([code]) => {
    throw new Error(`orch serve ended with ${String(code)}: ${stderr.slice(-2_000)}`)
  })
  failed.catch(() => undefined)
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    agent.destroy()
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  // The service closes a connection that is idle for some seconds, and a request that starts just then is lost.
  const oneRequestEach = new Agent({ keepAlive: false })
  try {
    const late = sleep(startTimeoutMs, undefined, { ref: false }).then(() => {
      throw new Error(`orch serve does not listen after ${startTimeoutMs / 1_000} s: ${stderr}`)
    })
    const listening = await Promise.race([log.first(({ type }) => type === 'listening'), failed, late])
    const url = String(listening['url'])
    const authorized = { authorization: `Bearer ${apiToken}`, accept: 'application/json' }
    const ask = async (method: 'GET' | 'POST', path: string): Promise<string> => {
      const { status, text } = await send(oneRequestEach, `${url}${path}`, { method, headers: authorized, body: '' })
      if (status >= 300) throw new Error(`${method} ${path} was answered with ${status}: ${text}`)
      return text
    }
    return {
      pid,
      url,
      logged: (isWanted) => Promise.race([log.first(isWanted), failed]),
      deliver: async ({ headers, body }) => {
        const { status, text } = await send(agent, `${url}/webhooks/github`, { method: 'POST', headers, body })
        if (status !== 202) throw new Error(`a delivery was answered with ${status}: ${text}`)
      },
      sendEvent: async (event) => {
        const sent = { method: 'POST', headers: authorized, body: JSON.stringify(event) } as const
        return (await send(agent, `${url}/events`, sent)).status
      },
      get: async (path) => JSON.parse(await ask('GET', path)) as unknown,
      post: async (path) => JSON.parse(await ask('POST', path)) as unknown,
      metrics: () => ask('GET', '/metrics'),
      cpuSeconds: () => cpuSeconds(pid),
      peakMemory: () => peakMemory(pid),
      kill: () => void child.kill('SIGKILL'),
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

function readLog(lines: AsyncIterable<string> & NodeJS.EventEmitter): {
  first: (isWanted: (line: LogLine) => boolean) => Promise<LogLine>
} {
  const past: LogLine[] = []
  const watchers = new Set<(line: LogLine) => void>()
  lines.on('line', (text: string) => {
    const line = JSON.parse(text) as LogLine
    past.push(line)
    for (const watcher of watchers) watcher(line)
  })
  const first = (isWanted: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((resolve) => {
      const found = past.find(isWanted)
      if (found) return resolve(found)
      const watcher = (line: LogLine): void => {
        if (!isWanted(line)) return
        watchers.delete(watcher)
        resolve(line)
      }
      watchers.add(watcher)
    })
  return { first }
}

interface Sent {
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body: string
}

function send(agent: Agent, url: string, { method, headers, body }: Sent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The receiver closed an idle connection at the same moment. GitHub's deliveries have an id, so that a repetition is harmless.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(send(agent, url, { method, headers, body }))
      else reject(error)
    })
    sent.end(body)
  })
}
