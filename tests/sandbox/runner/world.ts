import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SandboxClock } from '../../../src/sandbox/clock.js'
import type { Execution, JobAccess, WorkflowJobState } from '../../../src/sandbox/executor.js'

/** An execution of a workflow text whose checkout writes the given files, with its reported states. */
export interface TestExecution extends Execution {
  /** The newest state of all jobs. */
  jobs(): WorkflowJobState[]
  /** Returns the log of a job without its timestamps; by default of the first job. */
  logOf(name?: string): string[]
  cancel(): void
  kill(): void
  /** Resolves once a condition on the jobs holds. */
  until(condition: (jobs: WorkflowJobState[]) => boolean): Promise<void>
}

/** The access of a job whose tokens no server accepts. */
const noAccess: JobAccess = {
  token: 'token-of-the-job',
  runtimeToken: 'runtime-token-of-the-job',
  resultsUrl: 'http://127.0.0.1:1/',
  readArtifacts: () => [],
  saveArtifact: () => ({ ok: false, message: 'this execution keeps no artifacts' }),
  close: () => undefined,
}

export function executionOf(
  workflowText: string,
  given: Partial<Execution> & { files?: Record<string, string> } = {},
): TestExecution {
  const { files = {}, ...overrides } = given
  const cancelled = new AbortController()
  const killed = new AbortController()
  const watchers = new Set<() => void>()
  let jobs: WorkflowJobState[] = []
  return {
    repo: 'acme/widget',
    runId: 4_294_967_297,
    runNumber: 7,
    runAttempt: 1,
    workflowPath: '.github/workflows/build.yml',
    workflowText,
    event: 'workflow_dispatch',
    ref: 'refs/heads/DPTA-1',
    sha: 'a'.repeat(40),
    actor: 'octocat',
    inputs: {},
    apiUrl: 'http://127.0.0.1:1/api/v3',
    serverUrl: 'http://127.0.0.1:1',
    async checkout({ directory }) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true })
        await writeFile(join(directory, path), text)
      }
    },
    requestDeployment: () => null,
    openJob: () => noAccess,
    cancelled: cancelled.signal,
    killed: killed.signal,
    update(state) {
      jobs = state
      watchers.forEach((check) => check())
    },
    ...overrides,
    jobs: () => jobs,
    logOf: (name) =>
      (jobs.find((job) => name === undefined || job.name === name)?.log ?? []).map((line) => line.slice(29)),
    cancel: () => cancelled.abort(),
    kill: () => killed.abort(),
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition(jobs)) return
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      }),
  }
}

/** A clock that only the test advances. `sleepStarted` resolves when a wait of the given length begins. */
export class ManualClock implements SandboxClock {
  #now = Date.UTC(2026, 0, 1)
  readonly #sleepers = new Set<{ at: number; ms: number; wake: () => void }>()
  readonly #watchers = new Set<() => void>()

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper = { at: this.#now + ms, ms, wake: resolve }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        resolve()
      })
      this.#watchers.forEach((check) => check())
    })
  }

  /** Resolves when a wait of exactly this length begins. */
  sleepStarted(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (![...this.#sleepers].some((sleeper) => sleeper.ms === ms)) return
        this.#watchers.delete(check)
        resolve()
      }
      this.#watchers.add(check)
      check()
    })
  }

  advance(ms: number): void {
    this.#now += ms
    for (const sleeper of [...this.#sleepers].filter(({ at }) => at <= this.#now)) {
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
}
