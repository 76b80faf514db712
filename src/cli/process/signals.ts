import type { Context } from './context.js'

/** The signals of one command. */
export interface Signals {
  /** Resolves with the name of the first signal that nobody had taken. */
  interrupted: Promise<string>
  /** From now on the listener gets the signals, until the returned function is called. */
  take: (listener: (signal: string) => void) => () => void
  stop: () => void
}

/** Listens for SIGINT and SIGTERM, so that both end every command in the same way. */
export function listenForSignals(context: Context, onSecond: () => void): Signals {
  let taken: ((signal: string) => void) | null = null
  let interrupt: ((signal: string) => void) | null = null
  const interrupted = new Promise<string>((resolve) => (interrupt = resolve))
  const stop = context.onSignal((signal) => {
    if (taken) taken(signal)
    else if (interrupt) {
      interrupt(signal)
      interrupt = null
    } else onSecond()
  })
  const take = (listener: (signal: string) => void): (() => void) => {
    taken = listener
    return () => (taken = null)
  }
  return { interrupted, take, stop }
}
