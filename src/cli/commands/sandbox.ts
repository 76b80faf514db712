import { Command } from 'commander'
import { exampleBranch } from '../../app/choose-branch.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Context } from '../process/context.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { addConfigOption } from '../flags/common-options.js'
import { loadGraph } from '../connect/graph-file.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import type { Messages } from '../output/messages.js'

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
  messages.stdout.write(instructions(loaded.value, url, sandbox.token))
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

/** Instructions for the use of the sandbox with git and curl. */
function instructions({ graph, sandboxDirectory }: LoadedGraph, url: string, token: string): string {
  const repo = graph.jobs[1]?.repo ?? graph.jobs[0]?.repo ?? 'owner/name'
  const branch = exampleBranch(graph)
  const remote = url.replace('://', `://developer:${token}@`)
  return `The embedded GitHub listens on ${url} (this machine only); it keeps its state in ${sandboxDirectory}.
It runs the builds of its repositories as programs on this machine, with your rights: push only what you would run yourself.

  export SANDBOX_TOKEN=${token}

  clone       git clone ${remote}/${repo}.git
  push        cd ${repo.split('/')[1] ?? repo} && git switch -c ${branch} && git commit --allow-empty -m 'A change' && git push origin ${branch}
  open a PR   curl -X POST ${url}/repos/${repo}/pulls -H "Authorization: Bearer $SANDBOX_TOKEN" \\
                -d '{"title": "A change", "head": "${branch}", "base": "main"}'
  build       orch run ${branch} --sandbox
  merge       curl -X PUT ${url}/repos/${repo}/pulls/1/merge -H "Authorization: Bearer $SANDBOX_TOKEN"
  look        ${url}/

Ctrl-C stops it.
`
}
