import { PastGit } from '../git/history-git.js'
import type { World } from '../world.js'
import type { Repository, WorkflowRun } from './model.js'
import type { State } from './state.js'
import { Directory } from './state.js'

/** Moments that are kept; beyond that the oldest are forgotten. */
const MOST_MOMENTS = 1_000
/** Worlds of the past that are kept ready. */
const MOST_WORLDS = 8

interface Moment {
  /** From when on the state was so (ms, UTC). */
  time: number
  formerNames: State['formerNames']
}

/** What something was from a time on; null: it was not there. */
interface Version<Value> {
  time: number
  value: Value | null
}

interface KeptRepository {
  repository: Repository
  /** Full name of a ref -> SHA. */
  refs: ReadonlyMap<string, string>
}

/**
 * The states that a sandbox in memory was in, so that a read can be answered as by a replica that lags behind. Each repository and each run is copied when
 * it changes, so that a change costs the same however many others there are. Accounts, tokens, rate limits and which workflows are known are always those
 * of the present, and so are commits, which never change.
 */
export class StateHistory {
  readonly #present: World
  #moments: Moment[] = []
  readonly #repositories = new Map<number, Version<KeptRepository>[]>()
  readonly #runs = new Map<number, Version<WorkflowRun>[]>()
  /** By the time of their moment. */
  readonly #worlds = new Map<number, World>()

  constructor(present: World) {
    this.#present = present
    this.forget()
  }

  /** Keeps the present state; to be called after each change, with what changed, came or went. */
  record(...what: (Repository | WorkflowRun)[]): void {
    const { clock, directory, git } = this.#present
    if (git.refsNow === undefined) return
    const time = clock.now()
    // Of one moment only the last state can be asked for.
    if (this.#moments.at(-1)?.time === time) this.#moments.pop()
    this.#moments.push({ time, formerNames: directory.state.formerNames })
    this.#worlds.delete(time)
    if (this.#moments.length > MOST_MOMENTS) this.#moments.shift()
    for (const changed of what) {
      if ('attempts' in changed) this.#keep(this.#runs, changed.id, { time, value: copyOfRun(changed) })
      else this.#keep(this.#repositories, changed.id, { time, value: this.#repositoryNow(changed) })
    }
  }

  /** Lets the present state count as having always been so. */
  forget(): void {
    this.#moments = []
    for (const kept of [this.#repositories, this.#runs, this.#worlds]) kept.clear()
    const { repositories, runs } = this.#present.directory.state
    this.record(...repositories.values(), ...runs.values())
  }

  /** The world as it was at a time (ms, UTC); before the oldest state that is kept, as it was then. Nothing may be changed in it. */
  at(time: number): World {
    const moment = this.#moments.findLast((each) => each.time <= time) ?? this.#moments[0]
    if (moment === undefined) throw new Error('this sandbox keeps no past')
    const world = this.#worlds.get(moment.time) ?? this.#worldAt(moment)
    this.#worlds.delete(moment.time)
    this.#worlds.set(moment.time, world)
    for (const oldest of [...this.#worlds.keys()].slice(0, -MOST_WORLDS)) this.#worlds.delete(oldest)
    return world
  }

  #repositoryNow(repository: Repository): KeptRepository | null {
    const { directory, git } = this.#present
    if (!directory.state.repositories.has(repository.id)) return null
    return { repository: copyOfRepository(repository), refs: git.refsNow?.(repository.id) ?? new Map() }
  }

  /** Adds a version, and drops those that no moment that is kept shows. */
  #keep<Value>(kept: Map<number, Version<Value>[]>, id: number, version: Version<Value>): void {
    const oldest = this.#moments[0]?.time ?? version.time
    const versions = kept.get(id) ?? []
    if (versions.at(-1)?.time === version.time) versions.pop()
    versions.push(version)
    const shown = versions.findLastIndex(({ time }) => time <= oldest)
    kept.set(id, shown > 0 ? versions.slice(shown) : versions)
  }

  #worldAt({ time, formerNames }: Moment): World {
    const present = this.#present
    const kept = versionsAt(this.#repositories, time)
    const repositories = new Map(Array.from(kept, ([id, { repository }]) => [id, repository]))
    const refs = new Map(Array.from(kept, ([id, version]) => [id, version.refs]))
    const all = versionsAt(this.#runs, time)
    const runs = new Map([...all].filter(([, run]) => repositories.has(run.repositoryId)))
    const state: State = { ...present.directory.state, repositories, runs, formerNames }
    // An id that a read gives out, such as that of a workflow seen for the first time, is one of the present.
    const directory = new Directory(state, present.directory.state)
    return { ...present, directory, git: new PastGit(present.git, refs) }
  }
}

/** What there was at a time. */
function versionsAt<Value>(kept: ReadonlyMap<number, Version<Value>[]>, time: number): Map<number, Value> {
  const values = new Map<number, Value>()
  for (const [id, versions] of kept) {
    const value = versions.findLast((version) => version.time <= time)?.value ?? null
    if (value !== null) values.set(id, value)
  }
  return values
}

/** Copies keep what is changed in place, and share what is replaced. */
function copyOfRepository(repository: Repository): Repository {
  return {
    ...repository,
    pulls: mapped(repository.pulls, (pull) => ({ ...pull })),
    statuses: new Map(repository.statuses),
    rulesets: mapped(repository.rulesets, (ruleset) => ({ ...ruleset })),
    runIds: [...repository.runIds],
  }
}

function copyOfRun(run: WorkflowRun): WorkflowRun {
  const attempts = run.attempts.map((attempt) => ({ ...attempt, jobs: attempt.jobs.map((job) => ({ ...job })) }))
  return { ...run, attempts }
}

function mapped<Key, Value>(map: ReadonlyMap<Key, Value>, copy: (value: Value) => Value): Map<Key, Value> {
  return new Map(Array.from(map, ([key, value]) => [key, copy(value)]))
}
