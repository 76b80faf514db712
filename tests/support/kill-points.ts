import { ExampleWorld } from './example-world.js'
import { brokenLaws, githubSide } from './github-side.js'
import type { GitHubSide } from './github-side.js'
import type { JournalDisk } from './journal-disk.js'
import { eventsOn, liveOn } from './killed-run.js'
import type { Example } from './killed-run.js'
import type { Fate, KillPoint } from './mortal-process.js'
import type { OrchestrationOutcome } from '../../src/model/build/orchestration.js'
import type { Event } from '../../src/model/build/events.js'

/** What a run left behind, killed or not. */
export interface Outcome {
  outcome: OrchestrationOutcome
  reason: string
  side: GitHubSide
  /** Repositories whose run a process asked GitHub to cancel, ended or not. */
  cancelled: string[]
  /** What the laws forbid, one sentence each. */
  broken: string[]
  /** Jobs whose dispatch was asked for and of which GitHub has no run: nobody can tell that no request is still on its way. */
  unsent: string[]
  /** What each process asked GitHub and wrote, or wanted to write, in order. */
  lives: { requests: readonly string[]; writes: readonly string[] }[]
  events: readonly Event[]
}

/**
 * Runs an example with one fate for each process that does not live to the end.
 * @param away how long nobody drives the orchestration after each kill, ms
 * @param meanwhile what is done to GitHub after each kill
 * @param after how long GitHub is watched after the end, ms
 */
export async function runWith(
  example: Example,
  disk: JournalDisk,
  fates: readonly Fate[],
  {
    away = 0,
    after = 0,
    meanwhile,
  }: { away?: number; after?: number; meanwhile?: (world: ExampleWorld) => unknown } = {},
): Promise<Outcome> {
  await using world = await ExampleWorld.open(example.world)
  const lives = await liveOn(world, disk, example, fates, async () => {
    await meanwhile?.(world)
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

/** Kill points after which neither the journal, nor GitHub, nor the time differ, so that one killed run stands for all of them. */
export interface PointClass {
  /** The one that is tried. */
  point: KillPoint
  /** `after the write of run-observed repoB (2)` for each. */
  names: string[]
}

/**
 * Which points stand for each other: `whenever` leaves the time out, for processes that are away for longer than anything on GitHub takes;
 * `never` tries each by itself.
 */
export type Likeness = 'at the same time' | 'whenever' | 'never'

export interface Recorded {
  /** What the run left behind that is killed no more. */
  baseline: Outcome
  classes: PointClass[]
  /** How many points there are. */
  count: number
}

/** Every point at which a process can be killed. @param before fates of the processes before it */
export async function recordPoints(
  example: Example,
  disk: JournalDisk,
  likeness: Likeness = 'at the same time',
  before: readonly Fate[] = [],
): Promise<Recorded> {
  const recorder = new PointRecorder(likeness)
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
  private readonly likeness: Likeness
  private readonly known = new Map<string, PointClass>()
  private readonly seen = new Map<string, number>()
  private readonly survives = { lines: 0, left: 0, landed: 0 }

  constructor(likeness: Likeness) {
    this.likeness = likeness
  }

  classes(): PointClass[] {
    return [...this.known.values()]
  }

  /** A process that dies sends and writes nothing more: what is about to leave has not left. */
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
    if (this.likeness === 'never') return String(this.count)
    const { lines, left, landed } = this.survives
    return [lines, left, landed, ...(this.likeness === 'whenever' ? [] : [now])].join(' ')
  }

  private add(key: string, point: KillPoint): void {
    const name = `${point.moment} ${point.label}`
    const nth = (this.seen.get(name) ?? 0) + 1
    this.seen.set(name, nth)
    const known = this.known.get(key) ?? { point, names: [] }
    known.names.push(nth > 1 ? `${name} (${nth})` : name)
    // A torn line is more than the absence of a line: of those that stand for each other it is the one to be tried.
    if (point.moment === 'in the middle of the write of') known.point = point
    this.known.set(key, known)
  }
}

/** Dies at this point. */
export function killedAt(point: Pick<KillPoint, 'moment' | 'nth'>): Fate {
  return { isKilledAt: ({ moment, nth }) => moment === point.moment && nth === point.nth }
}

/** Dies when this is about to happen, or has happened, for the nth time. */
export function killedOn({ moment, label, time = 1 }: Omit<KillPoint, 'nth'> & { time?: number }): Fate {
  let times = 0
  return {
    isKilledAt: (point) => {
      if (point.moment === moment && point.label === label) times += 1
      return times === time
    },
  }
}
