import { describe, expect, it } from 'vitest'
import type { Pause } from '../../src/ports/pause.js'
import type { PauseReporter } from '../../src/ports/reporter.js'
import { createGitHubActionsReporter } from '../../src/report/github-actions/github-actions.js'
import { createJsonReporter } from '../../src/report/json/json.js'
import { pauseText } from '../../src/report/views/pause-view.js'
import { createPlainReporter } from '../../src/report/plain/plain.js'
import { createTerminalReporter } from '../../src/report/terminal/terminal.js'
import { ManualClock } from './support/manual-clock.js'
import { recordOutput } from './support/recording.js'
import { createSchemaCheck } from './support/schemas.js'
import { failed } from './support/stories.js'
import { orchestrationId, startedAt } from './support/story.js'
import { TerminalEmulator } from './support/terminal-emulator.js'

const pause: Pause = { limit: 'primary', at: startedAt + 4000, until: startedAt + 184_000 }

/** Tells the story of a failed build up to `seconds`, then the pause, then the rest. */
async function interrupt(reporter: PauseReporter, seconds: number, clock?: ManualClock): Promise<void> {
  let isTold = false
  for (const { event, orchestration } of failed().moments) {
    if (!isTold && event.at > startedAt + seconds * 1000) {
      reporter.pause(pause)
      isTold = true
    }
    await clock?.moveTo(event.at)
    reporter.report(event, orchestration)
  }
}

describe('the text of a pause', () => {
  it.each<[Pause['limit'], string]>([
    ['primary', "GitHub's rate limit is reached; waiting until 01:05:07 UTC (3m 00s)"],
    ['secondary', 'GitHub asks to slow down (secondary rate limit); waiting until 01:05:07 UTC (3m 00s)'],
    [
      'writes',
      'the statuses and dispatches that GitHub allows in an hour are used up; the next one waits until 01:05:07 UTC (3m 00s)',
    ],
  ])('the text of a pause names the limit %s, its end and its duration', (limit, text) => {
    expect(pauseText({ ...pause, limit })).toBe(text)
  })

  it('the end of a pause is rounded up, so that it never seems to end too early', () => {
    expect(pauseText({ ...pause, until: pause.until + 1 })).toContain('01:05:08 UTC (3m 01s)')
  })
})

describe('a pause', () => {
  it('a pause is one line with its time in the plain form', async () => {
    const { output, stream } = recordOutput()
    await interrupt(createPlainReporter({ output }), 4)
    expect(stream.text.split('\n').filter((line) => line.includes('paused'))).toEqual([
      "2026-11-21T01:02:07Z paused: GitHub's rate limit is reached; waiting until 01:05:07 UTC (3m 00s)",
    ])
  })

  it('a pause is a line and a notice in GitHub Actions', async () => {
    const { output, stream } = recordOutput()
    await interrupt(createGitHubActionsReporter({ output, randomToken: () => 'x' }), 4)
    expect(stream.text).toContain(
      "\n2026-11-21T01:02:07Z paused: GitHub's rate limit is reached; waiting until 01:05:07 UTC (3m 00s)\n" +
        "::notice title=Waiting for GitHub::GitHub's rate limit is reached; waiting until 01:05:07 UTC (3m 00s)\n",
    )
  })

  it('a pause is a JSON line that matches the schema', async () => {
    const { output, stream } = recordOutput()
    await interrupt(createJsonReporter({ output }), 4)
    const lines = stream.text.trimEnd().split('\n')
    const shown = lines.map((line) => JSON.parse(line) as { type: string }).filter(({ type }) => type === 'paused')
    expect(shown).toEqual([
      {
        version: 2,
        type: 'paused',
        orchestration: orchestrationId,
        limit: 'primary',
        at: '2026-11-21T01:02:07.000Z',
        until: '2026-11-21T01:05:07.000Z',
        waitMs: 180_000,
      },
    ])
    expect(shown.flatMap(createSchemaCheck('run-events'))).toEqual([])
  })

  it('a pause is printed above the live lines of a terminal, which stay intact', async () => {
    const { output, stream } = recordOutput()
    const clock = new ManualClock(startedAt)
    const size = { columns: 100, rows: 24 }
    const reporter = createTerminalReporter({ output, clock, size: () => size, color: false })
    await interrupt(reporter, 4, clock)
    await clock.moveTo(startedAt + 600_000)
    const screen = new TerminalEmulator(size.columns)
    screen.feed(stream.text)
    const lines = screen.text.split('\n')
    const shown = lines.filter((line) => line.includes('rate limit'))
    expect(shown).toEqual(["! GitHub's rate limit is reached; waiting until 01:05:07 UTC (3m 00s)"])
    expect(lines.filter((line) => /^\S repoB /u.test(line))).toHaveLength(1)
    await reporter.close()
  })
})
