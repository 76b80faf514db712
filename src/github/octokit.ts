import { randomUUID } from 'node:crypto'
import { throttling, type ThrottlingOptions } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import type { Clock } from '../ports/clock.js'
import { createPace } from './pace.js'

const ThrottledOctokit = Octokit.plugin(throttling)

const nothing = (): undefined => undefined

// Octokit's default log is the console; what it would say there, the failures say better.
const silentLog = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * An Octokit whose writes leave at least `writeSpacingMs` apart (0: nothing is ever held back, and no timer runs).
 * It never repeats a request: `retry.ts` alone does that.
 */
export function createOctokit(options: {
  apiUrl: string
  token: string | null
  userAgent: string
  clock: Clock
  writeSpacingMs: number
}): Octokit {
  return new ThrottledOctokit({
    baseUrl: options.apiUrl,
    userAgent: options.userAgent,
    log: silentLog,
    request: { log: silentLog },
    throttle: throttleOptions(options.clock, options.writeSpacingMs),
    ...(options.token === null ? {} : { auth: options.token }),
  })
}

function throttleOptions(clock: Clock, writeSpacingMs: number): ThrottlingOptions {
  if (writeSpacingMs === 0) return { enabled: false }
  const pace = createPace(clock, writeSpacingMs)
  const write = {
    key: () => ({
      schedule: async <T>(_jobOptions: unknown, job: () => Promise<T>): Promise<T> => {
        await pace()
        return job()
      },
    }),
  }
  return {
    // The plugin's limiters belong to the process: with one id, two tokens would queue behind each other.
    id: randomUUID(),
    // Its own write group waits in real time, a fixed second; of a group it uses key().schedule() and nothing else.
    write: write as unknown as NonNullable<ThrottlingOptions['write']>,
    onRateLimit: nothing,
    onSecondaryRateLimit: nothing,
  }
}
