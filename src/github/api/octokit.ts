import { throttling, type ThrottlingOptions } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'

const ThrottledOctokit = Octokit.plugin(throttling)

const nothing = (): undefined => undefined

// Octokit's default log is the console; what it would say there, the failures say better.
const silentLog = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** What Octokit was asked to send, as far as a limiter needs it: `request` holds what the caller put there. */
export interface OctokitRequest {
  url: string
  request?: Readonly<Record<string, unknown>>
}

/** Sends one request when it may leave, and gives its answer back. */
export type PassThrough = <T>(request: OctokitRequest, send: () => Promise<T>) => Promise<T>

/**
 * An Octokit each of whose requests goes through `pass`, and none of which is repeated: `retry.ts` alone does that. The throttling plugin
 * leads every request through its limiters; all of them are replaced, because its own know neither a clock port nor one pause for
 * all requests, hold a merge up for three seconds, and belong to the whole process, whatever the token.
 */
export function createOctokit(options: {
  apiUrl: string
  token: string | null
  userAgent: string
  pass: PassThrough
}): Octokit {
  return new ThrottledOctokit({
    baseUrl: options.apiUrl,
    userAgent: options.userAgent,
    log: silentLog,
    request: { log: silentLog },
    throttle: throttleOptions(options.pass),
    ...(options.token === null ? {} : { auth: options.token }),
  })
}

/** The part of a limiter of Bottleneck's that the plugin uses. */
interface PluginLimiter {
  schedule: <A extends unknown[], T>(
    ...args: [options: unknown, job: (...args: A) => Promise<T>, ...args: A]
  ) => Promise<T>
}

function throttleOptions(pass: PassThrough): ThrottlingOptions {
  const group = (limiter: PluginLimiter): { key: () => PluginLimiter } => ({ key: () => limiter })
  // Through these the plugin sends a job that does nothing, to wait for its turn.
  const open = group({ schedule: (_options, job, ...args) => job(...args) })
  const global = group({
    schedule: (_options, send, ...args) => pass(args[0] as OctokitRequest, () => send(...args)),
  })
  // The limiter that would repeat what failed: without a listener for failures nothing is.
  const retryLimiter = {
    schedule: <A extends unknown[], T>(job: (...args: A) => T, ...args: A): T => job(...args),
    on: nothing,
  }
  const limiters = { global, auth: global, write: open, search: open, notifications: open, retryLimiter }
  return {
    ...(limiters as unknown as Partial<ThrottlingOptions>),
    onRateLimit: nothing,
    onSecondaryRateLimit: nothing,
  }
}
