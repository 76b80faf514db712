/**
 * What can be seen of one orchestration from outside: GitHub's side, and how the processes ended. The journal is not asked. Times in ms of the
 * campaign's clock.
 */
export interface Evidence {
  graph: readonly { job: string; needs: readonly string[] }[]
  /** Heads of the change's branch, oldest first; `sha` null: the branch does not exist. Every repository of the graph has a first entry. */
  heads: { at: number; repo: string; sha: string | null }[]
  /** Repositories with an open pull request of the change. */
  pulls: string[]
  /** Statuses of our context, in the order in which GitHub took them. */
  statuses: SeenStatus[]
  runs: SeenRun[]
  lines: Line[]
  exchanges: Exchange[]
  /** How old an answer was made at most. */
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

/** A workflow run. `line`: whose dispatch created it. */
export interface SeenRun {
  id: number
  line: string
  repo: string
  headSha: string
  title: string
  createdAt: number
  /** null: it goes on. */
  completedAt: number | null
  conclusion: string | null
  isCancelAsked: boolean
}

/** One orchestration as the person sees it who starts it: a process and those that resume it. */
export interface Line {
  name: string
  /** Whether it was to answer the same event as the others that say so; null: none. */
  event: string | null
  processes: Ended[]
}

export interface Ended {
  /** `run`, `resume` or `invalidate`. */
  command: string
  endedAt: number
  /** null: it was killed. */
  code: number | null
  /** Whether it was killed because it did not end in time. */
  isHung: boolean
  output: string
}

/** One request and its answer. */
export interface Exchange {
  line: string
  method: string
  /** Without query and without `/api/v3`. */
  path: string
  arrivedAt: number
  /** null: it never was. */
  answeredAt: number | null
  status: number | null
  /** Names of the repositories whose branch and newest status a query asks for. */
  asked: string[]
  /** The id of the orchestration that a status names (`run:<id>`). */
  mark: string | null
  /** Workflow runs that the answer shows as completed. */
  completedRuns: number[]
}
