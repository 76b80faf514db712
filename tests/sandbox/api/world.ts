import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import type { SandboxClock } from '../../../src/sandbox/clock.js'
import type { Execution, ExecutionResult, Executor, WorkflowJobState } from '../../../src/sandbox/executor.js'
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/sandbox.js'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import { sharedKeys } from '../../support/app-keys.js'

/** The start time of the test clock: 2026-01-02T03:04:05Z. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5)

/** A clock that a test advances. A sleep resolves when the clock reaches its end. */
export class TestClock implements SandboxClock {
  #now = START
  #sleepers: { until: number; wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) resolve()
      this.#sleepers.push({ until: this.#now + ms, wake: resolve })
      signal?.addEventListener('abort', () => resolve())
    })
  }

  /** The number of pending sleeps. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  advance(ms: number): void {
    this.#now += ms
    const due = this.#sleepers.filter(({ until }) => until <= this.#now)
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now)
    for (const { wake } of due) wake()
  }
}

/** An executor whose executions wait until the test ends them. */
export class HeldExecutor implements Executor {
  readonly executions: Execution[] = []
  readonly #ends = new Map<string, (result: ExecutionResult) => void>()
  readonly #waiting: { key: string; begun: (execution: Execution) => void }[] = []

  execute(execution: Execution): Promise<ExecutionResult> {
    this.executions.push(execution)
    for (const waiting of this.#waiting) if (waiting.key === key(execution)) waiting.begun(execution)
    return new Promise((resolve) => {
      this.#ends.set(key(execution), resolve)
      execution.killed.addEventListener('abort', () => resolve({ conclusion: 'cancelled' }))
    })
  }

  /** Resolves with the execution of an attempt of a run as soon as it begins. */
  of(runId: number, attempt = 1): Promise<Execution> {
    const begun = this.executions.find((other) => other.runId === runId && other.runAttempt === attempt)
    if (begun !== undefined) return Promise.resolve(begun)
    return new Promise((resolve) => this.#waiting.push({ key: `${runId}/${attempt}`, begun: resolve }))
  }

  end(execution: Execution, conclusion: ExecutionResult['conclusion']): void {
    this.#ends.get(key(execution))?.({ conclusion })
  }
}

function key(execution: Execution): string {
  return `${execution.runId}/${execution.runAttempt}`
}

/** Returns a job with one step. */
export function job(changes: Partial<WorkflowJobState> = {}): WorkflowJobState {
  return {
    name: 'build',
    status: 'in_progress',
    conclusion: null,
    startedAt: START,
    completedAt: null,
    steps: [
      { number: 1, name: 'Run make', status: 'in_progress', conclusion: null, startedAt: START, completedAt: null },
    ],
    log: ['2026-01-02T03:04:05.000Z make'],
    ...changes,
  }
}

/** An executor that succeeds at once with one job. */
export const instantExecutor: Executor = {
  execute(execution) {
    execution.update([job({ status: 'completed', conclusion: 'success', completedAt: START })])
    return Promise.resolve({ conclusion: 'success' })
  },
}

/** Creates a folder that is removed when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-sandbox-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export const WORKFLOW = `name: Build
run-name: "Build \${{ github.ref_name }} [\${{ inputs.orch_id }}]"
on:
  workflow_dispatch:
    inputs:
      orch_id: { type: string, default: none }
      level: { type: choice, options: [low, high] }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
`

/** A response with its body as untyped JSON: `at(answer.body, 'head', 'sha')`. */
export interface JsonAnswer {
  status: number
  body: unknown
  headers: Headers
}

/** Returns the value at a path of a JSON value, or undefined if the path does not exist. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    return typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined
  }, value)
}

/** A sandbox with the repository `acme/lib`, and functions that call its API. */
export interface ApiWorld {
  sandbox: Sandbox
  clock: TestClock
  /** Calls the API with the token that has every permission, or with the given token (null: without one). */
  call: (
    method: string,
    path: string,
    body?: unknown,
    options?: { token?: string | null; headers?: Record<string, string> },
  ) => Promise<Response>
  /** Calls the API as `call` does and parses the JSON of the response. */
  json: (
    method: string,
    path: string,
    body?: unknown,
    options?: { token?: string | null; headers?: Record<string, string> },
  ) => Promise<JsonAnswer>
}

export async function createApiWorld(options: Partial<SandboxOptions> = {}): Promise<ApiWorld> {
  const clock = new TestClock()
  const sandbox = await createSandbox({ clock, executor: instantExecutor, generateKeys: sharedKeys(), ...options })
  onTestFinished(() => sandbox.close())
  if (!sandbox.admin.hasRepository('acme/lib')) await seed(sandbox)
  const call: ApiWorld['call'] = (method, path, body, extra = {}) => {
    const token = extra.token === undefined ? sandbox.token : extra.token
    return sandbox.fetch(
      new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...extra.headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  }
  return {
    sandbox,
    clock,
    call,
    async json(method, path, body, extra) {
      const response = await call(method, path, body, extra)
      const text = await response.text()
      return {
        status: response.status,
        body: text === '' ? null : (JSON.parse(text) as unknown),
        headers: response.headers,
      }
    },
  }
}

async function seed(sandbox: Sandbox): Promise<void> {
  await sandbox.admin.createRepository('acme/lib')
  await sandbox.admin.commit('acme/lib', 'main', { 'README.md': '# lib\n', '.github/workflows/build.yml': WORKFLOW })
}
