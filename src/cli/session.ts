import type { CommonFlags } from './common-options.js'
import type { Context } from './context.js'
import { exitCodes } from './exit-codes.js'
import type { ExitCode } from './exit-codes.js'
import type { Connection } from './github-connection.js'
import { loadGraph } from './graph-file.js'
import type { LoadedGraph } from './graph-file.js'
import type { Result } from '../app/problem.js'
import type { Store } from '../ports/store.js'
import { openStore } from './open-store.js'
import { listenForSignals } from './signals.js'
import type { Signals } from './signals.js'
import type { Messages } from './terminal-messages.js'

/** What a command works with: the graph, and the GitHub that it asks. */
export interface Session {
  loaded: LoadedGraph
  connection: Connection
  /** The orchestrations that ran against that GitHub for this graph file. */
  store: Store
  /** Hands the signals to a listener, until the returned function is called; while nobody has them, the first one ends the command. */
  takeSignals: Signals['take']
}

/** A command between the graph file and its end. */
export interface SessionSteps<T> {
  /** Checks what was asked for against the graph, before anything is connected: a wrong use needs no token. */
  prepare: (loaded: LoadedGraph) => Result<T> | Promise<Result<T>>
  work: (session: Session, prepared: T) => Promise<ExitCode>
}

/** How long what a command holds may take to be released after a signal, ms. */
const releaseTime = 2_000

/** Loads the graph file, prepares, connects, does the work, and releases the connection whatever happened. */
export async function withConnection<T>(
  context: Context,
  messages: Messages,
  flags: CommonFlags,
  { prepare, work }: SessionSteps<T>,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  const prepared = await prepare(loaded.value)
  if (!prepared.ok) return messages.reportProblems(prepared.problems)
  return workConnected(context, messages, flags, loaded.value, (session) => work(session, prepared.value))
}

/** The part of it behind the graph file: connects, does the work, and releases the connection whatever happened. */
export async function workConnected(
  context: Context,
  messages: Messages,
  flags: CommonFlags,
  loaded: LoadedGraph,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const signals = listenForSignals(context, () => context.exit(exitCodes.interrupted))
  let connection: Connection | null = null
  const run = async (): Promise<ExitCode> => {
    const chosen = await chooseConnection(context, messages, flags, loaded)
    if (!chosen.ok) return messages.reportProblems(chosen.problems)
    connection = chosen.value
    try {
      return await work({ loaded, connection, store: openStore(context, loaded), takeSignals: signals.take })
    } finally {
      await connection.close()
    }
  }
  const release = async (): Promise<void> => connection?.close()
  try {
    return await Promise.race([run(), signals.interrupted.then((signal) => end(context, messages, signal, release))])
  } finally {
    signals.stop()
  }
}

/** Ends a command in the middle: what it still waits for may never come. */
async function end(
  context: Context,
  messages: Messages,
  signal: string,
  release: () => Promise<void>,
): Promise<ExitCode> {
  messages.reportProblems([
    {
      kind: 'interrupted',
      message: `interrupted by ${signal}`,
      why: 'the command was told to stop before it was done; what it had written by then stays',
      remedy: 'Run it again; `orch status` tells where a change stands.',
    },
  ])
  await Promise.race([release(), context.clock.sleep(releaseTime)])
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  context.exit(exitCodes.interrupted)
  return exitCodes.interrupted
}

async function chooseConnection(
  context: Context,
  messages: Messages,
  flags: CommonFlags,
  loaded: LoadedGraph,
): Promise<Result<Connection>> {
  const options = { verbose: flags.verbose === true }
  if (flags.sandbox !== true) {
    const { connect } = await import('./github-connection.js')
    return connect(context, loaded.graph, messages, options)
  }
  const { connectSandbox } = await import('./sandbox-connection.js')
  return connectSandbox(context, loaded, messages, options)
}
