import type { Check } from '../../model/check.js'
import type { RemainingRequests, ServerReading } from '../../ports/host/server.js'
import type { Finding } from './findings.js'
import { concluded, found, ok } from './findings.js'

/** The oldest Enterprise Server that returns the id of the run that a dispatch starts. */
const withRunIds = { major: 3, minor: 21 }

export function checkServer({ version }: ServerReading): Check {
  if (version === null) return ok('server', 'GitHub answers')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > withRunIds.major || (major === withRunIds.major && minor >= withRunIds.minor)
  if (isNewEnough) return ok('server', `GitHub Enterprise Server ${version} answers`)
  const message = `GitHub Enterprise Server ${version} returns no run IDs, so each run is looked for by its marker`
  const fix = `Upgrade it to ${withRunIds.major}.${withRunIds.minor}, or let every workflow carry the marker.`
  return found('server', { status: 'warning', message, fix })
}

/** A part of the limit that one run of a large graph may use, in percent. */
const lowPercent = 10

export function checkRateLimit({ limits }: ServerReading): Check {
  const left = limits.map(describe).join(' and ')
  const message = left === '' ? 'the server has none' : `${left} left this hour`
  return concluded('rate-limit', null, limits.flatMap(limitFindings), message)
}

/** Whether nothing more can be asked. */
export function isUsedUp({ limits }: ServerReading): boolean {
  return limits.some(({ remaining }) => remaining === 0)
}

function limitFindings(limit: RemainingRequests): Finding[] {
  const { remaining, resetAt } = limit
  if (remaining * 100 >= limit.limit * lowPercent && remaining > 0) return []
  const fix = `Wait until ${formatTime(resetAt)}, or use a token with a higher limit.`
  return [{ status: remaining === 0 ? 'failed' : 'warning', message: `only ${describe(limit)} left this hour`, fix }]
}

function describe({ api, limit, remaining }: RemainingRequests): string {
  const unit = api === 'REST' ? 'requests' : 'GraphQL points'
  return `${remaining} of ${limit} ${unit}`
}

function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** GitHub names whole seconds, and the answer was under way. */
const warnSkewMs = 60_000
/** GitHub refuses the JSON Web Token of an App that is older than ten minutes. */
const failSkewMs = 10 * 60_000

/** @param serverTime GitHub's time, ms, UTC; null: it named none */
export function checkClock(now: number, serverTime: number | null): Check {
  const fix = 'Let this machine set its clock by a time server.'
  if (serverTime === null) {
    const unknown = 'Check that no proxy removes the header Date.'
    return found('clock', { status: 'unknown', message: 'the server did not name its time', fix: unknown })
  }
  const skewMs = now - serverTime
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  if (Math.abs(skewMs) < warnSkewMs) return ok('clock', 'within a minute of GitHub')
  const message = `the clock of this machine is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} GitHub`
  return found('clock', { status: Math.abs(skewMs) < failSkewMs ? 'warning' : 'failed', message, fix })
}
