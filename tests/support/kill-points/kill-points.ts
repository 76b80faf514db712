import { ExampleWorld } from './example-world.js'
import { brokenLaws, githubSide } from './github-side.js'
import type { GitHubSide } from './github-side.js'
import type { JournalDisk } from './journal-disk.js'
import { eventsOn, liveOn } from './killed-run.js'
import type { Example } from './killed-run.js'
import type { KillPoint, ProcessFaults } from './mortal-process.js'
import type { OrchestrationOutcome } from '../../../src/model/build/orchestration.js'
import type { Event } from '../../../src/model/build/events.js'

/** The result of a run, killed or not. */
export interface Outcome {
  outcome: OrchestrationOutcome
  reason: string
  side: GitHubSide
  /** Repositories whose run a process requested GitHub to cancel, ended or not. */
  cancelled: string[]
  /** The broken laws, one sentence each. */
  broken: string[]
  /** Jobs whose dispatch was requested and of which GitHub has no run: the request may still be in flight. */
  unsent: string[]
  /** The requests and writes of each process in order, including writes that it only attempted. */
  lives: { requests: readonly string[]; writes: readonly string[] }[]
  events: readonly Event[]
}

/**
 * Runs an example with one fault for each process that does not live to the end.
 * @param away how long no process drives the orchestration after each kill, ms
 * @param afterKill the changes on GitHub after each kill
 * @param after how long GitHub is watched after the end, ms
 */
export async function runWith(
  example: Example,
  disk: JournalDisk,
  faultsByProcess: readonly ProcessFaults[],
  {
    away = 0,
    after = 0,
    afterKill,
  }: { away?: number; after?: number; afterKill?: (world: ExampleWorld) => unknown } = {},
): Promise<Outcome> {
  await using world = await ExampleWorld.open(example.world)
  const lives = await liveOn(world, disk, example, faultsByProcess, async () => {
    await afterKill?.(world)
    if (away > 0) await world.clock.advance(away)
  })
  if (after > 0) await world.clock.advance(after)
  const side = await githubSide(world)
  const events = await eventsOn(disk)
  const ending = lives.at(-1)?.ending
  if (!ending) throw new Error('no process lived to the end')
  const recorded = events.at(-1)
  const isRecorded = recorded?.type === 'finished' && recorded.outcome === ending.outcome
  const began = new Set(side.runs.map((run) => run.split(' ')[0]))
  return {
    outcome: ending.outcome,
    reason: ending.reason,
    side,
    cancelled: askedToCancel(lives.flatMap(({ process }) => process.requests)),
    broken: [...brokenLaws(world), ...(isRecorded ? [] : ['the journal does not end with the outcome'])],
    unsent: events.flatMap((event) =>
      event.type === 'dispatch-requested' && !began.has(event.job) ? [event.job] : [],
    ),
    lives: lives.map(({ process }) => ({ requests: process.requests, writes: process.writes })),
    events,
  }
}

function askedToCancel(requests: readonly string[]): string[] {
  const names = requests.flatMap((label) => /^POST (\w+)\/.*cancel$/u.exec(label)?.[1] ?? [])
  return [...new Set(names)].sort()
}

/** Kill points with the same journal, the same GitHub and the same time behind them: one killed run represents all of them. */
export interface PointClass {
  /** The representative, which is tried. */
  point: KillPoint
  /** `after the write of run-observed repoB (2)` for each. */
  names: string[]
}

/**
 * Defines which points are equivalent: `whenever` ignores the time, for processes that are away for longer than any work on GitHub;
 * `never` tries each by itself.
 */
export type PointEquivalence = 'at the same time' | 'whenever' | 'never'

export interface Recorded {
  /** The result of the last process, which is not killed. */
  baseline: Outcome
  classes: PointClass[]
  /** Number of kill points. */
  count: number
}

/** Every point at which a process can be killed. @param before faults of the processes before it */
export async function recordPoints(
  example: Example,
  disk: JournalDisk,
  equivalence: PointEquivalence = 'at the same time',
  before: readonly ProcessFaults[] = [],
): Promise<Recorded> {
  const recorder = new PointRecorder(equivalence)
  const isKilledAt = (point: KillPoint, now: number): boolean => {
    recorder.note(point, now)
    return false
  }
  const baseline = await runWith(example, disk, [...before, { isKilledAt }])
  if (baseline.lives.length > before.length + 1) throw new Error('a process was killed that was not to be')
  return { baseline, classes: recorder.classes(), count: recorder.count }
}

class PointRecorder {
  count = 0
  private readonly equivalence: PointEquivalence
  private readonly known = new Map<string, PointClass>()
  private readonly seen = new Map<string, number>()
  private readonly survives = { lines: 0, left: 0, landed: 0 }

  constructor(equivalence: PointEquivalence) {
    this.equivalence = equivalence
  }

  classes(): PointClass[] {
    return [...this.known.values()]
  }

  /** A process that dies sends and writes nothing more: a request that is about to leave is not sent. */
  note(point: KillPoint, now: number): void {
    const { moment, label } = point
    const changesGitHub = label.startsWith('POST ')
    if (moment === 'after the write of') this.survives.lines += 1
    if (moment === 'after the effect of' && changesGitHub) this.survives.landed += 1
    this.count += 1
    this.add(this.keyOf(now), point)
    if (moment === 'before the request' && changesGitHub) this.survives.left += 1
  }

  private keyOf(now: number): string {
    if (this.equivalence === 'never') return String(this.count)
    const { lines, left, landed } = this.survives
    return [lines, left, landed, ...(this.equivalence === 'whenever' ? [] : [now])].join(' ')
  }

  private add(key: string, point: KillPoint): void {
    const name = `${point.moment} ${point.label}`
    const nth = (this.seen.get(name) ?? 0) + 1
    this.seen.set(name, nth)
    const known = this.known.get(key) ?? { point, names: [] }
    known.names.push(nth > 1 ? `${name} (${nth})` : name)
    // A torn line is a stronger test than a missing line, so that it represents the equivalent points.
    if (point.moment === 'in the middle of the write of') known.point = point
    this.known.set(key, known)
  }
}

/** Dies at this point. */
export function killedAt(point: Pick<KillPoint, 'moment' | 'nth'>): ProcessFaults {
  return { isKilledAt: ({ moment, nth }) => moment === point.moment && nth === point.nth }
}

/** Dies when this is about to happen, or has happened, for the nth time. */
export function killedOn({ moment, label, time = 1 }: Omit<KillPoint, 'nth'> & { time?: number }): ProcessFaults {
  let times = 0
  return {
    isKilledAt: (point) => {
      if (point.moment === moment && point.label === label) times += 1
      return times === time
    },
  }
}
