import type { FaultAction } from '../../src/sandbox/fault-actions.js'
import type { Fault } from '../../src/sandbox/faults.js'
import { seededRandom } from '../support/random.js'

/** The example graph: one job for each repository of `acme`. */
export const graph = [
  { job: 'repoA', needs: [] },
  { job: 'repoB', needs: ['repoA'] },
  { job: 'repoC', needs: ['repoA'] },
  { job: 'repoD', needs: ['repoA'] },
  { job: 'repoE', needs: ['repoB', 'repoC', 'repoD'] },
] as const

export const repositories = graph.map(({ job }) => job)

/** A fault that begins `at` ms after the start. */
export interface TimedFault {
  at: number
  fault: Fault
}

/** When the process is killed: at its nth request of a kind, or some time after its start (ms). */
export type KillMoment =
  | { kind: 'request'; of: 'dispatch' | 'status' | 'any'; nth: number; when: 'before' | 'effect' | 'answer' }
  | { kind: 'time'; after: number }

/** The continuation after a kill, `pause` ms later. */
export interface Kill {
  moment: KillMoment
  pause: number
  then: 'resume' | 'new' | 'elsewhere'
}

/** One orchestration and its faults; times in ms from its start. */
export interface Case {
  seed: number
  /** Whether the workflows carry the marker. */
  isMarked: boolean
  /** `--timeout` of every run. */
  timeoutMinutes: number
  /** Whether the command has the option --event. */
  hasEvent: boolean
  members: string[]
  pulls: string[]
  builds: { repo: string; conclusion: string; after: number; queuedFor: number }[]
  faults: TimedFault[]
  /** The primary rate limit is used up from `at` on, for `ms`. */
  primaryLimits: { at: number; ms: number; status: 403 | 429 }[]
  /** Kills of the first process and of its continuations. */
  kills: Kill[]
  pushes: { at: number; repo: string }[]
  invalidations: number[]
  secondRuns: number[]
}

/**
 * `full` for a campaign; `short` has two or three members and quick builds, so that a hundred fit into the tests. The faults are the same, in
 * less time.
 */
export type Size = 'full' | 'short'

/** Draws one orchestration from its seed. */
export function drawCase(seed: number, size: Size): Case {
  const draw = new Draw(seed)
  const isShort = size === 'short'
  const span = (ms: number): number => (isShort ? Math.round(ms / 3) : ms)
  const isMarked = draw.chance(0.5)
  const members = repositories.filter(() => draw.chance(isShort ? 0.4 : 0.6))
  if (members.length < 2) members.splice(0, members.length, 'repoB', 'repoD')
  if (isShort) members.splice(3)
  const pulls = members.filter((_, index) => index === 0 || draw.chance(0.85))
  const isFailing = draw.chance(0.05)
  const failing = draw.of(members)
  const builds = members.map((repo) => ({
    repo,
    conclusion: isFailing && repo === failing ? draw.of(['failure', 'timed_out', 'cancelled']) : 'success',
    after: draw.between(3_000, span(60_000)),
    queuedFor: draw.chance(0.3) ? draw.between(0, span(20_000)) : 0,
  }))
  const kills = draw.chance(0.36)
    ? [drawKill(draw, isMarked, span), ...(draw.chance(0.2) ? [drawKill(draw, isMarked, span)] : [])]
    : []
  const strangers = repositories.filter((repo) => !members.includes(repo))
  const appears = strangers.length > 0 && draw.chance(0.2)
  const drawn = {
    seed,
    isMarked,
    timeoutMinutes: isShort ? 20 : 40,
    hasEvent: isMarked && (kills.some(({ then }) => then === 'elsewhere') || draw.chance(0.5)),
    members,
    pulls,
    builds,
    faults: drawFaults(draw, span),
    primaryLimits: draw.chance(0.12)
      ? [{ at: draw.between(0, span(90_000)), ms: draw.between(5_000, 60_000), status: draw.of([403, 429] as const) }]
      : [],
    kills,
    pushes: draw.chance(0.1)
      ? [{ at: draw.between(2_000, span(150_000)), repo: draw.of(appears ? strangers : members) }]
      : [],
    invalidations: draw.chance(0.08) ? [draw.between(2_000, span(150_000))] : [],
    secondRuns: draw.chance(0.08) ? [draw.between(0, span(120_000))] : [],
  }
  return { ...drawn, faults: [...drawn.faults, ...drawGraphqlFaults(draw, span)] }
}

/** Faults of GraphQL only: a command that cannot use it, or must request less, reads the same over the REST API or in parts. */
function drawGraphqlFaults(draw: Draw, span: (ms: number) => number): TimedFault[] {
  return Array.from({ length: draw.chance(0.6) ? draw.between(1, 3) : 0 }, () => ({
    at: draw.chance(0.6) ? draw.between(0, 10_000) : draw.between(0, span(120_000)),
    fault: { path: '/graphql', times: draw.between(1, 3), action: drawGraphqlAction(draw) },
  }))
}

function drawGraphqlAction(draw: Draw): FaultAction {
  const kind = draw.weighted({
    'graphql-partial': 5,
    'graphql-too-large': 3,
    'graphql-refused': 1,
    'stale-reads': 2,
  })
  switch (kind) {
    case 'graphql-partial': {
      const repository = `acme/${draw.of(repositories)}`
      return draw.chance(0.5) ? { kind, repository } : { kind, repository, type: draw.of(['FORBIDDEN', 'NOT_FOUND']) }
    }
    case 'graphql-too-large':
      return { kind, repositories: draw.between(1, 4) }
    case 'graphql-refused':
      return { kind, status: draw.of([403, 404] as const) }
    case 'stale-reads':
      return { kind, ms: draw.between(500, 15_000) }
  }
}

function drawKill(draw: Draw, isMarked: boolean, span: (ms: number) => number): Kill {
  const of = draw.weighted({ dispatch: 5, status: 2, any: 3 })
  const nth = draw.between(1, { dispatch: 4, status: 6, any: 90 }[of])
  const when = draw.weighted({ before: 2, effect: 4, answer: 4 })
  const moment: KillMoment = draw.chance(0.75)
    ? { kind: 'request', of, nth, when }
    : { kind: 'time', after: draw.between(2_000, span(150_000)) }
  const then = draw.weighted({ resume: 6, new: 2, elsewhere: isMarked ? 4 : 0 })
  return { moment, pause: draw.chance(0.5) ? 0 : draw.between(0, span(120_000)), then }
}

/** The requests that a fault affects. `any` is every request. */
const paths = {
  any: {},
  dispatch: { method: 'POST', path: /\/dispatches$/u },
  post: { method: 'POST', path: /\/statuses\//u },
  statuses: { method: 'GET', path: /\/commits\/[0-9a-f]+\/statuses$/u },
  listing: { method: 'GET', path: /\/workflows\/[^/]+\/runs$/u },
  run: { method: 'GET', path: /\/actions\/runs\/\d+$/u },
  change: { operation: 'ReadChange' },
  pulls: { method: 'GET', path: /\/pulls(\/\d+)?$/u },
} as const

function drawFaults(draw: Draw, span: (ms: number) => number): TimedFault[] {
  return Array.from({ length: draw.between(9, 17) }, () => {
    const about = draw.weighted({ any: 5, dispatch: 3, post: 2, statuses: 1, listing: 1, run: 5, change: 2, pulls: 1 })
    const action = drawAction(draw, about === 'dispatch')
    const isRead = action.kind === 'stale-reads' || action.kind === 'late-runs'
    const where = isRead && (about === 'dispatch' || about === 'post') ? paths.run : paths[about]
    const times = action.kind === 'delay' || isRead ? draw.between(1, 3) : 1
    return {
      at: draw.chance(0.6) ? draw.between(0, 15_000) : draw.between(0, span(180_000)),
      fault: { ...where, times, action },
    }
  })
}

const none = { 'stale-reads': 0, 'late-runs': 0 } as const

/** An orchestration with a dispatch that never took effect and got no clear answer must end `unknown`, so these faults are rare. */
const dispatchKinds = {
  delay: 20,
  'respond-after': 25,
  'disconnect-after': 25,
  'hang-after': 8,
  'secondary-limit': 3,
} as const
const dispatchLosses = { respond: 2, disconnect: 2, hang: 1 } as const

const kinds = {
  delay: 24,
  'stale-reads': 14,
  'late-runs': 12,
  respond: 14,
  'respond-after': 9,
  disconnect: 9,
  'disconnect-after': 8,
  hang: 2,
  'hang-after': 3,
  'secondary-limit': 4,
} as const

type DrawnKind = Exclude<FaultAction['kind'], `graphql-${string}` | `delivery-${string}`>

function drawAction(draw: Draw, isDispatch: boolean): FaultAction {
  const kind = draw.weighted<DrawnKind>(isDispatch ? { ...none, ...dispatchKinds, ...dispatchLosses } : kinds)
  switch (kind) {
    case 'delay':
      return { kind, ms: draw.between(200, 20_000) }
    case 'stale-reads':
    case 'late-runs':
      return { kind, ms: draw.between(500, 15_000) }
    case 'respond':
    case 'respond-after': {
      const status = draw.of([500, 502, 502, 503, 504])
      return draw.chance(0.4)
        ? { kind, status, body: '<html><body>Unicorn!</body></html>', headers: { 'content-type': 'text/html' } }
        : { kind, status }
    }
    case 'secondary-limit': {
      const status = draw.of([403, 429] as const)
      return draw.chance(0.6) ? { kind, status, retryAfter: draw.between(1, 60) } : { kind, status }
    }
    default:
      return { kind }
  }
}

/** A random source with one seed. */
class Draw {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1))
  }

  of<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length - 1)]
    if (choice === undefined) throw new Error('nothing to choose from')
    return choice
  }

  weighted<K extends string>(weights: Record<K, number>): K {
    const entries = Object.entries(weights) as [K, number][]
    let left = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [choice, weight] of entries) if ((left -= weight) < 0) return choice
    throw new Error('weights without a sum')
  }
}
