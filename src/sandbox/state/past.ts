import { PastGit } from '../git/past-git.js'
import type { World } from '../world.js'
import type { Repository, WorkflowRun } from './model.js'
import type { State } from './state.js'
import { Directory } from './state.js'

/** Moments that are kept; beyond that the oldest are forgotten. */
const MOST_MOMENTS = 1_000

interface Moment {
  /** From when on the state was so (ms, UTC). */
  time: number
  state: State
  /** By repository id: full name of a ref -> SHA. */
  refs: ReadonlyMap<number, ReadonlyMap<string, string>>
  /** Made when it is first asked for. */
  world?: World
}

/**
 * The states that a sandbox in memory was in, so that a read can be answered as by a replica that lags behind. Which workflows are known, tokens and
 * rate limits are always those of the present, and so are commits, which never change.
 */
export class Past {
  readonly #present: World
  #moments: Moment[] = []

  constructor(present: World) {
    this.#present = present
    this.record()
  }

  /** Keeps the present state; to be called after each change. */
  record(): void {
    const { clock, directory, git } = this.#present
    const refs = git.refsNow?.()
    if (refs === undefined) return
    const time = clock.now()
    // Of one moment only the last state can be asked for.
    if (this.#moments.at(-1)?.time === time) this.#moments.pop()
    this.#moments.push({ time, state: copyOf(directory.state), refs })
    if (this.#moments.length > MOST_MOMENTS) this.#moments.shift()
  }

  /** Lets the present state count as having always been so. */
  forget(): void {
    this.#moments = []
    this.record()
  }

  /** The world as it was at a time (ms, UTC); before the oldest state that is kept, as it was then. Nothing may be changed in it. */
  at(time: number): World {
    const moment = this.#moments.findLast((each) => each.time <= time) ?? this.#moments[0]
    if (moment === undefined) throw new Error('this sandbox keeps no past')
    moment.world ??= this.#worldAt(moment)
    return moment.world
  }

  #worldAt({ state, refs }: Moment): World {
    const present = this.#present
    // An id that a read gives out, such as that of a workflow seen for the first time, is one of the present.
    const directory = new Directory(state, present.directory.state)
    return { ...present, directory, git: new PastGit(present.git, refs) }
  }
}

/** A copy that keeps what is changed in place, and shares what is replaced. */
function copyOf(state: State): State {
  return {
    ...state,
    accounts: new Map(state.accounts),
    repositories: mapped(state.repositories, copyOfRepository),
    runs: mapped(state.runs, copyOfRun),
    formerNames: new Map(state.formerNames),
  }
}

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
