import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'

/** Does the work of a command, with the context as its flags change it, and keeps its exit code. */
export type Perform = (work: (context: Context, messages: Messages) => Promise<ExitCode>) => Promise<void>
