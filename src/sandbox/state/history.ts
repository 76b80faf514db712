import { PastGit } from '../git/history-git.js'
import type { World } from '../world.js'
import type { Repository, WorkflowRun } from './model.js'
import type { State } from './state.js'
import { Directory } from './state.js'

/** The maximum number of snapshots. Beyond it the oldest are dropped. */
const MAX_SNAPSHOTS = 1_000
/** The maximum number of cached earlier worlds. */
const MAX_CACHED_WORLDS = 8

interface Snapshot {
  /** The start of the period in which the state was so (ms, UTC). */
  time: number
  formerNames: State['formerNames']
}

/** The value of an object from a time on. Null means that the object did not exist. */
interface Version<Value> {
  time: number
  value: Value | null
}

interface RepositorySnapshot {
  repository: Repository
  /** Full name of a ref -> SHA. */
  refs: ReadonlyMap<string, string>
}

/**
 * The earlier states of a sandbox in memory, so that a read can be answered as by a lagging replica. Each repository and each run is copied when it
 * changes, so that the cost of a change does not depend on their number. Accounts, tokens, rate limits, known workflows and commits are always the
 * present ones; commits never change.
 */
export class StateHistory {
  readonly #present: World
  #snapshots: Snapshot[] = []
  readonly #repositories = new Map<number, Version<RepositorySnapshot>[]>()
  readonly #runs = new Map<number, Version<WorkflowRun>[]>()
  /** Worlds by the time of their snapshot. */
  readonly #worlds = new Map<number, World>()

  constructor(present: World) {
    this.#present = present
    this.forget()
  }

  /** Records the present state. Must be called after each change with the objects that were added, changed or removed. */
  record(...changes: (Repository | WorkflowRun)[]): void {
    const { clock, directory, git } = this.#present
    if (git.refsNow === undefined) return
    const time = clock.now()
    // Only the last state at a given time can be read, so it replaces an earlier one.
    if (this.#snapshots.at(-1)?.time === time) this.#snapshots.pop()
    this.#snapshots.push({ time, formerNames: directory.state.formerNames })
    this.#worlds.delete(time)
    if (this.#snapshots.length > MAX_SNAPSHOTS) this.#snapshots.shift()
    for (const changed of changes) {
      if ('attempts' in changed) this.#addVersion(this.#runs, changed.id, { time, value: copyOfRun(changed) })
      else this.#addVersion(this.#repositories, changed.id, { time, value: this.#repositoryNow(changed) })
    }
  }

  /** Discards the earlier states, so that the present state applies to every earlier time. */
  forget(): void {
    this.#snapshots = []
    for (const kept of [this.#repositories, this.#runs, this.#worlds]) kept.clear()
    const { repositories, runs } = this.#present.directory.state
    this.record(...repositories.values(), ...runs.values())
  }

  /** Returns the world at a time (ms, UTC), or the oldest one if the time precedes all snapshots. The returned world must not be changed. */
  at(time: number): World {
    const snapshot = this.#snapshots.findLast((each) => each.time <= time) ?? this.#snapshots[0]
    if (snapshot === undefined) throw new Error('this sandbox keeps no history')
    const world = this.#worlds.get(snapshot.time) ?? this.#worldAt(snapshot)
    this.#worlds.delete(snapshot.time)
    this.#worlds.set(snapshot.time, world)
    for (const oldest of [...this.#worlds.keys()].slice(0, -MAX_CACHED_WORLDS)) this.#worlds.delete(oldest)
    return world
  }

  #repositoryNow(repository: Repository): RepositorySnapshot | null {
    const { directory, git } = this.#present
    if (!directory.state.repositories.has(repository.id)) return null
    return { repository: copyOfRepository(repository), refs: git.refsNow?.(repository.id) ?? new Map() }
  }

  /** Adds a version and drops versions that no snapshot shows. */
  #addVersion<Value>(kept: Map<number, Version<Value>[]>, id: number, version: Version<Value>): void {
    const oldest = this.#snapshots[0]?.time ?? version.time
    const versions = kept.get(id) ?? []
    if (versions.at(-1)?.time === version.time) versions.pop()
    versions.push(version)
    const shown = versions.findLastIndex(({ time }) => time <= oldest)
    kept.set(id, shown > 0 ? versions.slice(shown) : versions)
  }

  #worldAt({ time, formerNames }: Snapshot): World {
    const present = this.#present
    const kept = versionsAt(this.#repositories, time)
    const repositories = new Map(Array.from(kept, ([id, { repository }]) => [id, repository]))
    const refs = new Map(Array.from(kept, ([id, version]) => [id, version.refs]))
    const all = versionsAt(this.#runs, time)
    const runs = new Map([...all].filter(([, run]) => repositories.has(run.repositoryId)))
    const state: State = { ...present.directory.state, repositories, runs, formerNames }
    // A read can assign an ID, such as that of a workflow read for the first time. Such an ID comes from the present state.
    const directory = new Directory(state, present.directory.state)
    return { ...present, directory, git: new PastGit(present.git, refs) }
  }
}

/** Returns the objects that existed at a time. */
function versionsAt<Value>(kept: ReadonlyMap<number, Version<Value>[]>, time: number): Map<number, Value> {
  const values = new Map<number, Value>()
  for (const [id, versions] of kept) {
    const value = versions.findLast((version) => version.time <= time)?.value ?? null
    if (value !== null) values.set(id, value)
  }
  return values
}

/** A copy clones objects that are changed in place and shares objects that are replaced. */
function copyOfRepository(repository: Repository): Repository {
  return {
    ...repository,
    collaborators: new Map(repository.collaborators),
    pulls: mapped(repository.pulls, (pull) => ({ ...pull })),
    comments: mapped(repository.comments, (comment) => ({ ...comment, reactions: [...comment.reactions] })),
    statuses: new Map(repository.statuses),
    checkRuns: mapped(repository.checkRuns, (runs) => runs.map((run) => ({ ...run }))),
    rulesets: mapped(repository.rulesets, (ruleset) => ({ ...ruleset })),
    environments: mapped(repository.environments, (environment) => ({ ...environment })),
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
