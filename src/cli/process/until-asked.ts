import type { SignalSource } from './signals.js'

/** Whether this process was asked to end. */
export interface Asked {
  /** Aborts at the first signal; its reason is the name of the signal. */
  signal: AbortSignal
  /** Removes the listener. */
  stop: () => void
}

/** Waits for a signal that asks this process to end. A second one ends it at once, because the end may be slow. */
export function untilAsked({ onSignal, exit }: SignalSource & { exit: (code: number) => void }): Asked {
  const asked = new AbortController()
  const stop = onSignal((name) => {
    if (asked.signal.aborted) exit(interruptedCode)
    else asked.abort(name)
  })
  return { signal: asked.signal, stop }
}

/** As a shell reports a process that Ctrl-C has ended. */
const interruptedCode = 130
