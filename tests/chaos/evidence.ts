/**
 * The observable facts about one orchestration: the state of GitHub, and how the processes ended. The journal is not read. Times in ms of the
 * campaign's clock.
 */
export interface Evidence {
  graph: readonly { job: string; needs: readonly string[] }[]
  /** Heads of the change's branch, oldest first; `sha` null: the branch does not exist. Every repository of the graph has a first entry. */
  heads: { at: number; repo: string; sha: string | null }[]
  /** Repositories with an open pull request of the change. */
  pulls: string[]
  /** Statuses of our context, in the order in which GitHub accepted them. */
  statuses: SeenStatus[]
  runs: SeenRun[]
  lines: Line[]
  exchanges: Exchange[]
  /** The maximal age of an answer. */
  stalestMs: number
}

export interface SeenStatus {
  id: number
  at: number
  repo: string
  sha: string
  state: string
  description: string
}

/** A workflow run. `line`: the line whose dispatch created it. */
export interface SeenRun {
  id: number
  line: string
  repo: string
  headSha: string
  title: string
  createdAt: number
  /** null: the run is not completed. */
  completedAt: number | null
  conclusion: string | null
  isCancelAsked: boolean
}

/** One orchestration from the user's view: a process and the ones that resume it. */
export interface Line {
  name: string
  /** The event that the orchestration handles, shared with other lines; null: none. */
  event: string | null
  processes: Ended[]
}

export interface Ended {
  /** `run`, `resume` or `invalidate`. */
  command: string
  endedAt: number
  /** null: the process was killed. */
  code: number | null
  /** Whether the process was killed because it did not end in time. */
  isHung: boolean
  output: string
}

/** One request and its answer. */
export interface Exchange {
  line: string
  method: string
  /** The path without query and without `/api/v3`. */
  path: string
  arrivedAt: number
  /** null: there was no answer. */
  answeredAt: number | null
  status: number | null
  /** Names of the repositories whose branch and newest status a query requests. */
  asked: string[]
  /** The id of the orchestration that a status names (`run:<id>`). */
  mark: string | null
  /** Workflow runs that the answer shows as completed. */
  completedRuns: number[]
}
