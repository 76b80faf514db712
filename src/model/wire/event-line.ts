import type { JsonVersion, Ordinal, Timestamp } from './common.js'

/** The fields of every line of `orch run --json`. */
export interface EventLine<Type extends string> {
  version: JsonVersion
  type: Type
  at: Timestamp
  /** Id of the orchestration. */
  orchestration: string
}

/** A line about one job. */
export interface JobLine<Type extends string> extends EventLine<Type> {
  /** Job id of the graph file. */
  job: string
}

/** A line about one of our dispatches of a job. */
export interface AttemptLine<Type extends string> extends JobLine<Type> {
  attempt: Ordinal
}
