import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { Pause } from '../../ports/pause.js'
import type { PauseReporter } from '../../ports/reporter.js'
import { createEventFormatter } from './event-formatter.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Output } from '../output.js'
import { pauseText } from '../views/pause-view.js'
import { formatMoment } from '../time-text.js'
import { displayWidth, pad } from '../../lib/text-width.js'

/** Width of the first column: that of the longest job or the branch, at most 40. Longer names are not cut. */
function subjectWidth({ plan }: Orchestration): number {
  const names = [...plan.jobs.map(({ job }) => job), plan.branch].map(sanitize)
  return names.reduce((width, name) => Math.max(width, Math.min(40, displayWidth(name))), 0)
}

/** Turns events into lines such as `2026-11-21T01:02:03Z repoB  dispatched  https://…`, without line breaks. */
export function createPlainWriter(): (event: Event, orchestration: Orchestration) => string[] {
  const format = createEventFormatter()
  let width: number | undefined
  return (event, orchestration) => {
    const subjectColumns = (width ??= subjectWidth(orchestration))
    return format(event, orchestration).map(({ subject, word, text }) => {
      const parts = [pad(subject, subjectColumns), word, text]
      return `${formatMoment(event.at)} ${parts.join('  ')}`.trimEnd()
    })
  }
}

/** A pause as a plain line, with its line break. */
export function plainPause(pause: Pause): string {
  return `${formatMoment(pause.at)} paused: ${pauseText(pause)}\n`
}

/** Plain lines with timestamps (UTC), one for each event that concerns a reader. */
export function createPlainReporter({ output }: { output: Output }): PauseReporter {
  const write = createPlainWriter()
  return {
    report(event, orchestration) {
      output.write(
        write(event, orchestration)
          .map((line) => `${line}\n`)
          .join(''),
      )
    },
    pause: (pause) => output.write(plainPause(pause)),
    close: () => output.flush(),
  }
}
