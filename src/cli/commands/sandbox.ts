import { Command } from 'commander'
import { sanitize } from '../../lib/sanitize.js'
import type { Context } from '../process/context.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { addConfigOption } from '../flags/common-options.js'
import { loadGraph } from '../connect/graph-file.js'
import type { Messages } from '../output/messages.js'
import { sandboxInstructions } from '../output/sandbox-instructions.js'

export interface SandboxFlags {
  config?: string
  port?: string
  reset?: boolean
}

/** `orch sandbox`: the embedded GitHub, until it is stopped. */
export function sandboxCommand(action: (flags: SandboxFlags) => Promise<void>): Command {
  const command = new Command('sandbox').description(
    'start the embedded GitHub with the repositories of the graph, until Ctrl-C',
  )
  return addConfigOption(command)
    .option('--port <number>', 'port on 127.0.0.1 (default: any free one)')
    .option('--reset', 'delete all state of the sandbox before it starts')
    .action((flags: SandboxFlags) => action(flags))
}

export async function serveSandbox(context: Context, messages: Messages, flags: SandboxFlags): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const port = Number(flags.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    const why = 'a port is a whole number from 0 to 65535'
    return messages.reportProblems([
      {
        kind: 'usage',
        message: `--port ${flags.port ?? ''} is not a valid port`,
        why,
        remedy: 'Leave it out to use any free port.',
      },
    ])
  }
  const { resetSandbox, startSandbox } = await import('../connect/sandbox-connection.js')
  if (flags.reset === true) {
    const reset = await resetSandbox(loaded.value)
    if (!reset.ok) return messages.reportProblems(reset.problems)
  }
  const started = await startSandbox(context, loaded.value, port)
  if (!started.ok) return messages.reportProblems(started.problems)
  const { sandbox, url } = started.value
  for (const warning of sandbox.warnings) messages.note(`warning: ${sanitize(warning)}`)
  const { graph, sandboxDirectory } = loaded.value
  messages.stdout.write(sandboxInstructions({ graph, sandboxDirectory, url, token: sandbox.token, service: null }))
  await untilSignal(context)
  messages.note('stopping: cancels running builds, keeps everything else; a second signal stops at once')
  await sandbox.close()
  return exitCodes.success
}

/** Resolves at the first signal. The next one ends the process, because a build may be slow to end. */
function untilSignal({ onSignal, exit }: Pick<Context, 'onSignal' | 'exit'>): Promise<void> {
  return new Promise((resolve) => {
    let count = 0
    onSignal(() => {
      count += 1
      if (count === 1) resolve()
      else exit(exitCodes.interrupted)
    })
  })
}
