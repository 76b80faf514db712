import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import type { GitHubLogin } from '../github-login.js'
import type { Engine } from '../workloads/engine.js'
import type { RequestHandler } from './http-app.js'

/** How long the database may take before the service counts as not ready. */
const timeoutMs = 2_000

/** `/healthz`: the process answers. */
export const answerHealth: RequestHandler = () => Promise.resolve(Response.json({ status: 'ok' }))

export interface ReadinessOptions {
  database: Database
  clock: Clock
  engine: Pick<Engine, 'held'>
  githubLogin: Pick<GitHubLogin, 'problem'>
  /** Why the last delivery could not be stored, one clause; null: it was stored, or none has arrived. */
  storeProblem: () => string | null
}

/** `/readyz`: a webhook can be stored and handled now; 503 otherwise, with the reason. */
export function createReadiness(options: ReadinessOptions): RequestHandler {
  const { database, clock, engine, githubLogin, storeProblem } = options
  const within = async <T>(work: Promise<T>, problem: string): Promise<T> => {
    const late = new AbortController()
    const timeout = clock.sleep(timeoutMs, late.signal).then(() => {
      throw new Error(problem)
    })
    try {
      return await Promise.race([work, timeout])
    } finally {
      // An aborted sleep resolves, and nobody waits for it any more.
      timeout.catch(() => undefined)
      late.abort()
    }
  }
  return async () => {
    try {
      await within(database.query('SELECT 1 AS one'), 'the database does not answer')
      await within(engine.held(), 'this process has lost its lease')
      const loginProblem = githubLogin.problem()
      if (loginProblem !== null) throw new Error(loginProblem)
      // A full disk refuses what is long and may still take the renewals of the lease.
      const problem = storeProblem()
      if (problem !== null) throw new Error(`the last delivery could not be stored: ${problem}`)
      return Response.json({ status: 'ready' })
    } catch (error) {
      return Response.json({ status: 'not ready', problem: failureText(error) }, { status: 503 })
    }
  }
}
