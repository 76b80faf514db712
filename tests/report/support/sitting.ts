import { expect } from 'vitest'
import { createTerminalReporter } from '../../../src/report/terminal/terminal.js'
import type { TerminalReporter } from '../../../src/report/terminal/terminal.js'
import { ManualClock } from './manual-clock.js'
import { recordOutput } from './recording.js'
import { succeeded } from './stories.js'
import { startedAt } from './story.js'
import type { Story } from './story.js'
import { TerminalEmulator } from './terminal-emulator.js'

/** A terminal that a reporter draws on. */
export interface Sitting {
  clock: ManualClock
  reporter: TerminalReporter
  stream: ReturnType<typeof recordOutput>['stream']
  size: { columns: number; rows: number }
  /** What a terminal of `columns` shows after all that was written. */
  screen: () => TerminalEmulator
}

export function sit(options: { columns?: number; rows?: number; color?: boolean; hyperlinks?: boolean } = {}): Sitting {
  const { output, stream } = recordOutput()
  const clock = new ManualClock(startedAt)
  const { columns = 80, rows = 24, color = false, hyperlinks } = options
  const size = { columns, rows }
  const reporter = createTerminalReporter({ output, clock, size: () => size, color, hyperlinks })
  const screen = (): TerminalEmulator => {
    const emulator = new TerminalEmulator(columns)
    emulator.feed(stream.text)
    return emulator
  }
  return { clock, reporter, stream, size, screen }
}

/** Lives through a story up to `seconds` after its start. */
export async function live(sitting: Sitting, story: Story, seconds = Number.POSITIVE_INFINITY): Promise<void> {
  for (const { event, orchestration } of story.moments) {
    if (event.at > startedAt + seconds * 1000) break
    await sitting.clock.moveTo(event.at)
    sitting.reporter.report(event, orchestration)
  }
  // A little more, so that what was held back is drawn.
  if (Number.isFinite(seconds)) await sitting.clock.moveTo(startedAt + seconds * 1000 + 100)
}

export async function whole(story: Story): Promise<string> {
  const sitting = sit()
  await live(sitting, story)
  await sitting.reporter.close()
  return `\n${sitting.screen().text}`
}

/** The lines above the jobs of the example, as the first summary below shows them. */
export const headLines = 3

/** What is left on the terminal after a story of the example, from the first job on. */
export async function wholeBelowHead(story: Story): Promise<string> {
  const [lines, ofSuccess] = (await Promise.all([whole(story), whole(succeeded())])).map((text) => text.split('\n'))
  // The text begins with a line break.
  expect(lines!.slice(0, headLines + 1)).toEqual(ofSuccess!.slice(0, headLines + 1))
  return `\n${lines!.slice(headLines + 1).join('\n')}`
}
