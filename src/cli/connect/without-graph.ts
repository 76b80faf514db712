import type { Result } from '../../app/problem.js'
import type { CommonFlags } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Signals } from '../process/signals.js'
import { connectFor } from './github-connection.js'
import type { Connection, TokenUse } from './github-connection.js'
import { workUntilInterrupted } from './session.js'
import type { SessionContext } from './session.js'
import { withGraph } from './with-graph.js'

export interface WithoutGraphOptions {
  context: SessionContext
  messages: Messages
  flags: CommonFlags
  use: TokenUse
  work: (connection: Connection, takeSignals: Signals['take']) => Promise<ExitCode>
}

/** Connects and does work that needs no graph file. With `--sandbox` the embedded GitHub of a graph file is used. */
export async function withoutGraph({ context, messages, flags, use, work }: WithoutGraphOptions): Promise<ExitCode> {
  const options = { verbose: flags.verbose === true }
  const onGitHub = (): Promise<Result<Connection>> => connectFor(context, use, messages, options)
  if (flags.sandbox !== true) return workUntilInterrupted(context, messages, { choose: onGitHub, work })
  return withGraph(context, messages, flags, async (loaded) => {
    const { connectSandbox } = await import('./sandbox-connection.js')
    const onSandbox = (): Promise<Result<Connection>> => connectSandbox(context, loaded, messages, options)
    return workUntilInterrupted(context, messages, { choose: onSandbox, work })
  })
}
