import type { Failure } from '../model/failure.js'
import type { Clock } from '../ports/clock.js'
import type { Log } from './operations/log.js'

/** Whether GitHub accepts the login of the service: the key of its App, or its token. */
export interface GitHubLogin {
  /** What is wrong with it and what to do; null: GitHub accepts it as far as is known. */
  problem(): string | null
  /** Resolves once GitHub accepts it; at once where it does. Rejects when the signal aborts before. */
  whenAccepted(signal: AbortSignal): Promise<void>
  /** Call with each answer that shows whether it is accepted; null: it is. */
  note(refusal: Failure | null): void
}

export interface GitHubLoginOptions {
  clock: Clock
  log: Log
  /** Sends a request with the login, whose answer is noted. Never rejects. */
  ask: () => Promise<unknown>
  /** Ends the requests. */
  closed: AbortSignal
}

/** How often GitHub is asked again while it refuses the login, ms. */
const askMs = 30_000

/** While GitHub refuses the login, work waits instead of failing, and GitHub is asked from time to time whether it accepts the login again. */
export function createGitHubLogin({ clock, log, ask, closed }: GitHubLoginOptions): GitHubLogin {
  let problem: string | null = null
  let accepted: (() => void)[] = []

  let isAsking = false

  const isOver = (): boolean => problem === null || closed.aborted
  const askUntilAccepted = async (): Promise<void> => {
    if (isAsking) return
    isAsking = true
    while (!isOver()) {
      await clock.sleep(askMs, closed)
      if (!isOver()) await ask()
    }
    isAsking = false
  }
  return {
    problem: () => problem,
    note: (refusal) => {
      if (refusal === null) {
        if (problem === null) return
        problem = null
        log.info({}, 'GitHub accepts the login of the service again')
        for (const resume of accepted.splice(0)) resume()
        return
      }
      const isNew = problem === null
      problem = refusal.remedy === undefined ? refusal.message : `${refusal.message} (${refusal.remedy})`
      if (!isNew) return
      log.error({ problem }, 'GitHub refuses the login of the service: deliveries are stored, and work waits')
      void askUntilAccepted()
    },
    whenAccepted: async (signal) => {
      if (problem === null) return
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          accepted = accepted.filter((each) => each !== resume)
          reject(new Error('the task is handed to another process'))
        }
        const resume = (): void => {
          signal.removeEventListener('abort', abort)
          resolve()
        }
        if (signal.aborted) return abort()
        signal.addEventListener('abort', abort, { once: true })
        accepted.push(resume)
      })
    },
  }
}
