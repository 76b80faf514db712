import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { createFlowClient } from '../../../src/client/index.js'
import type { FlowClient, FlowRunJson } from '../../../src/client/index.js'
import { apiToken, hmacSecret, patienceMs, ServiceRoom } from './service-command.js'

export interface Answer {
  status: number
  type: string | null
  body: Record<string, unknown>
}

/** The built service with an embedded database and flows, as a program sees it. */
export class BuiltFlowService implements AsyncDisposable {
  readonly url: string
  readonly client: FlowClient
  readonly room: ServiceRoom

  private constructor(room: ServiceRoom, url: string) {
    this.room = room
    this.url = url
    this.client = createFlowClient({ mode: 'http', baseUrl: url, hmacSecret })
  }

  /** `flows`: the text of each `flow.yaml` by its folder. */
  static async open(flows: Readonly<Record<string, string>>): Promise<BuiltFlowService> {
    const room = await ServiceRoom.open(null)
    for (const [folder, text] of Object.entries(flows)) await writeFlow(room, folder, text)
    return new BuiltFlowService(room, await room.serve().url())
  }

  writeFlow(folder: string, text: string): Promise<void> {
    return writeFlow(this.room, folder, text)
  }

  async ask(method: string, path: string, body?: string | object, headers?: object): Promise<Answer> {
    const login = headers ?? { authorization: `Bearer ${apiToken}` }
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    const init = { method, headers: { ...login }, ...(text === undefined ? {} : { body: text }) }
    const response = await fetch(`${this.url}${path}`, init)
    const type = response.headers.get('content-type')
    return { status: response.status, type, body: (await response.json()) as Record<string, unknown> }
  }

  /** The run once it has ended. */
  async ended(id: string): Promise<FlowRunJson> {
    let last: FlowRunJson | null = null
    for await (const run of this.client.watchRun(id, { timeoutMs: patienceMs })) last = run
    if (!last) throw new Error('the run was not shown')
    return last
  }

  /** The run that an event starts, once it has ended. */
  async runOf(id: string, type: string, fields: object = {}): Promise<FlowRunJson> {
    const { runs } = (await this.ask('POST', '/events', event(id, { type, ...fields }))).body as {
      runs: FlowRunJson[]
    }
    expect(runs).toHaveLength(1)
    return this.ended(runs[0]?.id ?? '')
  }

  /** The number of events. */
  async count(): Promise<number> {
    const ids: string[] = []
    for await (const { id } of this.client.events()) ids.push(id)
    return ids.length
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.room[Symbol.asyncDispose]()
  }
}

async function writeFlow(room: ServiceRoom, folder: string, text: string): Promise<void> {
  const file = join(room.folder.path, folder, 'flow.yaml')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** Expects an error as RFC 9457 describes it. */
export function problem(answer: Answer, status: number): Record<string, unknown> {
  expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } })
  return answer.body
}

export function event(id: string, fields: object = {}): object {
  return { id, type: 'release', source: 'test', payload: 1, ...fields }
}
