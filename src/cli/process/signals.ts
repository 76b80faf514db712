/** The source of signals. */
export interface SignalSource {
  /** Calls the listener for each signal that requests the process to end; returns a function that removes the listener. */
  onSignal: (listener: (signal: string) => void) => () => void
}

/** The signals of one command. */
export interface Signals {
  /** Resolves to the name of the first signal that came while no listener had taken the signals. */
  interrupted: Promise<string>
  /** Passes the signals to a listener until the returned function is called. */
  take: (listener: (signal: string) => void) => () => void
  stop: () => void
}

/** Listens for SIGINT and SIGTERM, so that both end every command in the same way. `onSecond`: called for each further signal. */
export function listenForSignals({ onSignal }: SignalSource, onSecond: () => void): Signals {
  let taken: ((signal: string) => void) | null = null
  let interrupt: ((signal: string) => void) | null = null
  const interrupted = new Promise<string>((resolve) => (interrupt = resolve))
  const stop = onSignal((signal) => {
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
