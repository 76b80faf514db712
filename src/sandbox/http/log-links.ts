import { randomBytes } from 'node:crypto'

import type { SandboxClock } from '../clock.js'
import type { LogLinks } from '../world.js'

const LIFETIME = 60_000
/** Path prefix of the links to logs. */
export const LOG_FOLDER = '/_logs/'

/** Links to logs, each valid for a minute. A link grants access without a token, so its key must be unguessable. */
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
