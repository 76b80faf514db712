import { systemClock } from '../../src/sandbox/clock.js'
import type { SandboxClock } from '../../src/sandbox/clock.js'

/** 2026-01-05T08:00:00Z, the start of every campaign. */
const scaledStart = Date.UTC(2026, 0, 5, 8)

/** The clock of a campaign, `scale` times as fast as the machine's. The processes of the command get the same clock from `setting`. */
export class ScaledClock implements SandboxClock {
  readonly scale: number
  readonly #realStart = Date.now()

  constructor(scale: number) {
    this.scale = scale
  }

  now(): number {
    return Math.round(scaledStart + (Date.now() - this.#realStart) * this.scale)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.scale, signal)
  }

  /** The value that tests/chaos/scaled-time.js reads. */
  setting(seed: number): string {
    return `${this.scale} ${this.#realStart} ${scaledStart} ${seed}`
  }
}
