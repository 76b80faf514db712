import { Listr, ListrEventType } from 'listr2'
import type { ListrEventManager, ListrTaskObject, ListrTaskWrapper, ListrRendererFactory } from 'listr2'

type ListrTask = ListrTaskObject<unknown>
type TaskWrapper = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>

/** How a Listr task ends. */
export type RowEnd = 'completed' | 'failed' | 'skipped'

/** One Listr task for each job; the owner settles them. */
export interface ListrRows {
  /** Ends a task; later calls for the same task have no effect. */
  settle(index: number, end: RowEnd): void
  /** Requests a drawing. */
  refresh(): void
  /** Resolves when every task has ended and the last drawing is done. */
  finished: Promise<void>
}

class Deferred {
  readonly promise: Promise<RowEnd>
  #resolve: (end: RowEnd) => void = () => undefined
  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }
  settle(end: RowEnd): void {
    this.#resolve(end)
  }
}

/**
 * Listr's default renderer takes the width from `process.stdout` and hides the cursor on `process.stderr`, whatever stream it is given,
 * and cuts a long list at its start. This one reports when to draw (docs/decisions/0002-libraries.md).
 */
class DrawOnRefresh {
  static nonTTY = true
  static rendererOptions: { draw: () => void } = { draw: () => undefined }
  static rendererTaskOptions: Record<string, never> = {}
  readonly #draw: () => void
  readonly #events: ListrEventManager | undefined
  constructor(_tasks: ListrTask[], options: typeof DrawOnRefresh.rendererOptions, events?: ListrEventManager) {
    this.#draw = options.draw
    this.#events = events
  }
  render = (): void => {
    this.#events?.on(ListrEventType.SHOULD_REFRESH_RENDER, this.#draw)
  }
  end = (): void => {
    this.#draw()
  }
}

async function runUntil(ended: Promise<RowEnd>, task: TaskWrapper): Promise<void> {
  const end = await ended
  if (end === 'skipped') task.skip()
  if (end === 'failed') throw new Error('failed')
}

/** Starts the tasks. Listr calls `draw` whenever the rows changed; it must not throw. */
export function startListrRows(titles: readonly string[], draw: () => void): ListrRows {
  const ends = titles.map(() => new Deferred())
  const listr = new Listr(
    titles.map((title, index) => ({
      title,
      task: (_context: unknown, task: TaskWrapper) =>
        runUntil(ends[index]?.promise ?? Promise.resolve('skipped'), task),
    })),
    {
      concurrent: true,
      // A failed job is drawn; it neither stops the other tasks nor rejects.
      exitOnError: false,
      // The command handles signals; Listr would end the process.
      registerSignalListeners: false,
      renderer: DrawOnRefresh,
      rendererOptions: { draw },
    },
  )
  return {
    settle: (index, end) => ends[index]?.settle(end),
    refresh: () => listr.events.emit(ListrEventType.SHOULD_REFRESH_RENDER),
    finished: listr.run().then(() => undefined),
  }
}
