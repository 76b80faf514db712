/** How a task is executed. */
export interface TaskContext {
  /** The id that it was started under. */
  id: string
  /**
   * Aborts when this process hands the task on (its reason is `handedOn` then) or has lost it: the task ends without any further effect,
   * and another process repeats it.
   */
  signal: AbortSignal
}

/** The process shuts down: what is in flight may end within some seconds, because no other process repeats the task before. */
export const handedOn = 'the task is handed on'

/**
 * Does one unit of durable work. It is called again after a crash, also by another process, so it must be safe to repeat. A rejection
 * is retried with growing pauses, for about half an hour.
 */
export type Task<Input> = (input: Input, context: TaskContext) => Promise<void>

/** Resolves once the task will survive this process. `known`: one of this id was started before. `input` must be JSON. */
export type StartTask<Input> = (id: string, input: Input) => Promise<'started' | 'known'>

/** Which processes take a task over: those that serve requests, or those that have workers. A process may be both. */
export type TaskRole = 'service' | 'worker'

export interface TaskOptions {
  /** Default: `service`. */
  role?: TaskRole
  /** Called once when the last repetition of a task has failed, which is also logged. Must be safe to repeat. */
  onFailed?: (id: string, error: unknown) => Promise<void>
}

/** Work that survives the process. The id makes a start idempotent: the same id is done once. */
export interface Durable {
  /** Called before `launch`, for each task of a role that this process has. A started task begins at once, in this process. */
  define<Input>(name: string, task: Task<Input>, options?: TaskOptions): StartTask<Input>
  launch(): Promise<void>
  /** Hands on what has not ended. */
  close(): Promise<void>
}
