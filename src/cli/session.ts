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

/** Loads the graph file and connects, does the work, and releases the connection whatever happened. */
export async function withConnection(
  context: Context,
  messages: Messages,
  flags: CommonFlags,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags.config)
  if (!loaded.ok) return messages.tellProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  const connection = await chooseConnection(context, messages, flags, loaded.value)
  if (!connection.ok) return messages.tellProblems(connection.problems)
  try {
    return await work({ loaded: loaded.value, connection: connection.value })
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
