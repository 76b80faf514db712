import type { Graph } from '../model/graph.js'
import type { CommonFlags } from './common-options.js'
import type { Context } from './context.js'
import type { ExitCode } from './exit-codes.js'
import type { Connection } from './github-connection.js'
import { loadGraph } from './graph-file.js'
import type { LoadedGraph } from './graph-file.js'
import type { Result } from './problem.js'
import type { Messages } from './terminal-messages.js'

/** What a command works with: the graph, and the GitHub that it asks. */
export interface Session {
  loaded: LoadedGraph
  connection: Connection
}

/** A command between the graph file and its end. */
export interface SessionSteps<T> {
  /** Checks what was asked for against the graph, before anything is connected: a wrong use needs no token. */
  prepare: (graph: Graph) => Result<T> | Promise<Result<T>>
  work: (session: Session, prepared: T) => Promise<ExitCode>
}

/** Loads the graph file, prepares, connects, does the work, and releases the connection whatever happened. */
export async function withConnection<T>(
  context: Context,
  messages: Messages,
  flags: CommonFlags,
  { prepare, work }: SessionSteps<T>,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags.config)
  if (!loaded.ok) return messages.tellProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  const prepared = await prepare(loaded.value.graph)
  if (!prepared.ok) return messages.tellProblems(prepared.problems)
  const connection = await chooseConnection(context, messages, flags, loaded.value)
  if (!connection.ok) return messages.tellProblems(connection.problems)
  try {
    return await work({ loaded: loaded.value, connection: connection.value }, prepared.value)
  } finally {
    await connection.value.close()
  }
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
