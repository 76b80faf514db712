import { randomBytes } from 'node:crypto'

import type { SandboxClock } from '../clock.js'
import type { LogLinks } from '../world.js'

const LIFETIME = 60_000
/** Where links to logs are. */
export const LOG_FOLDER = '/_logs/'

/** Links to logs that are valid for a minute. Whoever has one may read the log, so their keys cannot be guessed. */
export function createLogLinks(clock: SandboxClock): LogLinks {
  const links = new Map<string, { jobId: number; expires: number }>()
  return {
    create(jobId) {
      for (const [key, { expires }] of links) if (expires < clock.now()) links.delete(key)
      const key = randomBytes(16).toString('hex')
      links.set(key, { jobId, expires: clock.now() + LIFETIME })
      return `${LOG_FOLDER}${key}`
    },
    open(key) {
      const link = links.get(key)
      return link === undefined || link.expires < clock.now() ? null : link.jobId
    },
  }
}
