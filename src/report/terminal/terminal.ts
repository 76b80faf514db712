import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JobOutcome } from '../../model/build/state/job-state.js'
import type { Clock } from '../../ports/clock.js'
import type { Pause } from '../../ports/pause.js'
import type { PauseReporter } from '../../ports/reporter.js'
import { viewJobs } from '../views/job-view.js'
import { startListrRows } from './listr-rows.js'
import type { ListrRows, RowEnd } from './listr-rows.js'
import { chooseRows, countRow, liveRow, nameWidthOf, stageRow } from './live-rows.js'
import { createLiveScreen } from './live-screen.js'
import type { ScreenLine, TerminalSize } from './live-screen.js'
import type { Output } from '../output.js'
import type { ViewOptions } from '../style.js'
import { listJobs, summarize } from '../views/summary.js'
import {
  approvalLines,
  claimLine,
  headLines,
  interruptLine,
  pauseLine,
  resumeLine,
  suspendedLine,
} from './terminal-head.js'

export interface TerminalOptions {
  output: Output
  clock: Clock
  /** Read before each drawing, so that a resized terminal is followed. */
  size: () => TerminalSize
  color: boolean
  /** False: ASCII only, except for text from outside. Default true. */
  unicode?: boolean
  /** OSC 8 links instead of addresses. Default false. */
  hyperlinks?: boolean
}

/** A reporter for a person at a terminal. */
export interface TerminalReporter extends PauseReporter {
  /** Writes lines above the live part, for diagnostics that go to the same terminal. The text must be sanitized. */
  above(text: string): void
  /** Shows the cursor at once and draws no more: for the exit handler of a process that may end without `close`. */
  restore(): void
}

/** How often the elapsed time is redrawn. */
const redrawIntervalMs = 1000
/** Minimum time between two drawings. */
const minIntervalMs = 100
/** Rows that are not for jobs: the stage, the count, the cursor, and one that keeps the frame below the top of the screen. */
const reservedRows = 4

function rowEnd(outcome: JobOutcome): RowEnd {
  if (outcome === 'succeeded' || outcome === 'fresh') return 'completed'
  return outcome === 'skipped' || outcome === 'not-run' ? 'skipped' : 'failed'
}

/** The live part: the jobs that fit the terminal, the stage, and the number of jobs in each state. */
function composeFrame(orchestration: Orchestration, now: number, view: ViewOptions, rows: number): ScreenLine[] {
  const views = viewJobs(orchestration, now)
  const nameWidth = nameWidthOf(views)
  const shown = chooseRows(views, rows - reservedRows).flatMap((index) => views[index] ?? [])
  const lines = shown.map((job) => liveRow(job, nameWidth, view))
  const stage = stageRow(orchestration, view)
  return [...lines, ...(stage ? [stage] : []), countRow(views, now - orchestration.startedAt, view)]
}

/** Draws an orchestration live. Listr runs one task for each job, which this reporter settles when the job is settled. */
class Terminal implements TerminalReporter {
  readonly #options: TerminalOptions
  readonly #screen: ReturnType<typeof createLiveScreen>
  readonly #ticking = new AbortController()
  #rows: ListrRows | undefined
  #ticks: Promise<void> = Promise.resolve()
  #orchestration: Orchestration | undefined
  #indexes: ReadonlyMap<string, number> = new Map()
  #hasClaimLine = false
  #isDrawPending = false
  #drawnAt = Number.NEGATIVE_INFINITY
  #endedAt: number | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#screen = createLiveScreen(options.output, options.size)
  }

  report(event: Event, orchestration: Orchestration): void {
    this.#orchestration = orchestration
    if (!this.#rows) this.#begin(orchestration)
    if (event.type === 'interrupted') this.above(interruptLine(event, this.#view()))
    if (event.type === 'suspended') this.above(suspendedLine(event, orchestration, this.#view()))
    if (event.type === 'pending-deployments-read') this.above(approvalLines(event, this.#view()))
    if (event.type === 'resumed') this.above(resumeLine(orchestration, this.#view()))
    if (event.type === 'finished') this.#endedAt = event.at
    this.#addClaimLine(orchestration)
    if ('job' in event) this.#settleRow(event.job, orchestration)
    this.#rows?.refresh()
  }

  pause(pause: Pause): void {
    this.above(pauseLine(pause, this.#view()))
  }

  above(text: string): void {
    this.#screen.above(text)
  }

  restore(): void {
    this.#ticking.abort()
    this.#screen.close()
  }

  async close(): Promise<void> {
    this.#ticking.abort()
    await this.#ticks
    this.#orchestration?.plan.jobs.forEach((_job, index) => this.#rows?.settle(index, 'skipped'))
    await this.#rows?.finished
    this.#screen.close()
    if (this.#orchestration) this.#options.output.write(`${this.#finalLines(this.#orchestration).join('\n')}\n`)
    await this.#options.output.flush()
  }

  #settleRow(job: string, orchestration: Orchestration): void {
    const state = orchestration.jobs.get(job)
    const index = this.#indexes.get(job)
    if (state?.phase === 'settled' && index !== undefined) this.#rows?.settle(index, rowEnd(state.outcome))
  }

  #begin(orchestration: Orchestration): void {
    this.#indexes = new Map(orchestration.plan.jobs.map(({ job }, index) => [job, index]))
    this.above(headLines(orchestration, this.#view()).join('\n'))
    this.#rows = startListrRows(
      orchestration.plan.jobs.map(({ job }) => job),
      () => this.#drawSoon(),
    )
    this.#ticks = this.#tick()
  }

  async #tick(): Promise<void> {
    const { signal } = this.#ticking
    const isOver = (): boolean => signal.aborted
    while (!isOver()) {
      await this.#options.clock.sleep(redrawIntervalMs, signal)
      if (!isOver()) this.#rows?.refresh()
    }
  }

  /** Listr requests several drawings for each change of a task, and changes come in bursts: one drawing covers them all. */
  #drawSoon(): void {
    if (this.#isDrawPending) return
    this.#isDrawPending = true
    void this.#drawLater(this.#drawnAt + minIntervalMs - this.#options.clock.now())
  }

  async #drawLater(ms: number): Promise<void> {
    await (ms > 0 ? this.#options.clock.sleep(ms, this.#ticking.signal) : undefined)
    this.#isDrawPending = false
    this.#draw()
  }

  #draw(): void {
    if (!this.#orchestration || this.#ticking.signal.aborted) return
    const { rows } = this.#options.size()
    this.#drawnAt = this.#options.clock.now()
    this.#screen.draw(composeFrame(this.#orchestration, this.#drawnAt, this.#view(), rows))
  }

  #addClaimLine(orchestration: Orchestration): void {
    const line = this.#hasClaimLine ? undefined : claimLine(orchestration, this.#view())
    if (line === undefined) return
    this.#hasClaimLine = true
    this.above(line)
  }

  #finalLines(orchestration: Orchestration): string[] {
    const { ending } = orchestration
    if (ending && this.#endedAt !== undefined) return summarize(orchestration, ending, this.#endedAt, this.#view())
    return listJobs(viewJobs(orchestration, this.#options.clock.now()), this.#view())
  }

  #view(): ViewOptions {
    const { color, unicode, hyperlinks } = this.#options
    // The last column stays free: some terminals wrap a line that fills it.
    return { color, unicode, hyperlinks, columns: Math.max(20, this.#options.size().columns - 1) }
  }
}

export function createTerminalReporter(options: TerminalOptions): TerminalReporter {
  return new Terminal(options)
}
