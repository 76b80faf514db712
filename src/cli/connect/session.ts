import type { Problem, Result } from '../../app/problem.js'
import type { Store } from '../../ports/store.js'
import type { CommonFlags } from '../flags/common-options.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { listenForSignals } from '../process/signals.js'
import type { SignalSource, Signals } from '../process/signals.js'
import type { GitHubAccess } from './find-github.js'
import { connect } from './github-connection.js'
import type { Connection } from './github-connection.js'
import type { GraphFileSource, LoadedGraph } from './graph-file.js'
import { openStore } from './open-store.js'
import type { StoreContext } from './open-store.js'
import { withGraph } from './with-graph.js'

/** The part of the process that a session uses. */
export interface SessionContext extends GraphFileSource, GitHubAccess, StoreContext, SignalSource {
  /** Ends the process at once. */
  exit: (code: number) => void
}

/** The dependencies of a command: the graph, a connected GitHub and the store. */
export interface Session {
  loaded: LoadedGraph
  connection: Connection
  /** The orchestrations of this graph file on that GitHub. */
  store: Store
  /** Passes the signals to a listener until the returned function is called. Without a listener the first signal ends the command. */
  takeSignals: Signals['take']
}

/** A command between loading the graph file and its end. */
export interface SessionSteps<T> {
  /** Checks the request against the graph before anything is connected: a usage problem needs no token. */
  prepare: (loaded: LoadedGraph) => Result<T> | Promise<Result<T>>
  work: (session: Session, prepared: T) => Promise<ExitCode>
}

/** The maximum time for the release of a connection after a signal. */
const releaseTimeoutMs = 2_000

/** Loads the graph file, prepares, connects and does the work. Always releases the connection. */
export async function withConnection<T>(
  context: SessionContext,
  messages: Messages,
  flags: CommonFlags,
  { prepare, work }: SessionSteps<T>,
): Promise<ExitCode> {
  return withGraph(context, messages, flags, async (loaded) => {
    const prepared = await prepare(loaded)
    if (!prepared.ok) return messages.reportProblems(prepared.problems)
    const connected = (session: Session): Promise<ExitCode> => work(session, prepared.value)
    return workConnected({ context, messages, flags, loaded, work: connected })
  })
}

export interface WorkConnectedOptions {
  context: SessionContext
  messages: Messages
  flags: CommonFlags
  loaded: LoadedGraph
  work: (session: Session) => Promise<ExitCode>
  /** Reports why there is no connection; absent: on stderr. */
  refuse?: (problems: readonly Problem[]) => Promise<ExitCode>
}

/** Connects and does the work. Always releases the connection. */
export async function workConnected(options: WorkConnectedOptions): Promise<ExitCode> {
  const { context, messages, flags, loaded, work, refuse } = options
  return workUntilInterrupted(context, messages, {
    choose: () => chooseConnection(context, messages, flags, loaded),
    work: (connection, takeSignals) => work({ loaded, connection, store: openStore(context, loaded), takeSignals }),
    ...(refuse ? { refuse } : {}),
  })
}

/** A command between the choice of its connection and its end. */
export interface ConnectedSteps {
  choose: () => Promise<Result<Connection>>
  work: (connection: Connection, takeSignals: Signals['take']) => Promise<ExitCode>
  /** Reports why there is no connection; absent: on stderr. */
  refuse?: (problems: readonly Problem[]) => Promise<ExitCode>
}

/** Connects and does the work, unless a signal comes that no listener took. Always releases the connection. */
export async function workUntilInterrupted(
  context: Pick<SessionContext, 'clock' | 'exit' | 'onSignal'>,
  messages: Messages,
  { choose, work, refuse }: ConnectedSteps,
): Promise<ExitCode> {
  const signals = listenForSignals(context, () => context.exit(exitCodes.interrupted))
  let connection: Connection | null = null
  const run = async (): Promise<ExitCode> => {
    const chosen = await choose()
    if (!chosen.ok) return refuse ? refuse(chosen.problems) : messages.reportProblems(chosen.problems)
    connection = chosen.value
    try {
      return await work(connection, signals.take)
    } finally {
      await connection.close()
    }
  }
  const release = async (): Promise<void> => connection?.close()
  const interrupted = signals.interrupted.then((signal) => endCommand(context, messages, signal, release))
  try {
    return await Promise.race([run(), interrupted])
  } finally {
    signals.stop()
  }
}

/** Ends a command in the middle of its work, because the event that it waits for may never come. */
async function endCommand(
  { clock, exit }: Pick<SessionContext, 'clock' | 'exit'>,
  messages: Messages,
  signal: string,
  release: () => Promise<void>,
): Promise<ExitCode> {
  messages.reportProblems([
    {
      kind: 'interrupted',
      message: `interrupted by ${signal}`,
      why: 'the command was stopped before it had finished; what it had written by then was not undone',
      remedy: 'Run it again; orch status shows the state of a change.',
    },
  ])
  await Promise.race([release(), clock.sleep(releaseTimeoutMs)])
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  exit(exitCodes.interrupted)
  return exitCodes.interrupted
}

async function chooseConnection(
  access: GitHubAccess & GraphFileSource,
  messages: Messages,
  flags: CommonFlags,
  loaded: LoadedGraph,
): Promise<Result<Connection>> {
  const options = { verbose: flags.verbose === true }
  if (flags.sandbox !== true) return connect(access, loaded.graph, messages, options)
  const { connectSandbox } = await import('./sandbox-connection.js')
  return connectSandbox(access, loaded, messages, options)
}
