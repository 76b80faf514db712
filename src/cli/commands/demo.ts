import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import type { Problem } from '../../app/problem.js'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { loadGraph } from '../connect/graph-file.js'
import { packageRoot } from '../../lib/package-root.js'
import type { Messages } from '../output/messages.js'

export interface DemoFlags {
  keep?: boolean
}

const exampleGraph = fileURLToPath(new URL('orchestrator.yaml', packageRoot()))

/** `orch demo`: a change from push to merge on the embedded GitHub, each step the real command with its real output. */
export function demoCommand(action: (flags: DemoFlags) => Promise<void>): Command {
  return new Command('demo')
    .description('show a change from push to merge on the embedded GitHub, in under a minute')
    .option('--keep', 'keep the folder of the demo')
    .action((flags: DemoFlags) => action(flags))
}

export async function playDemo(context: Context, messages: Messages, flags: DemoFlags): Promise<ExitCode> {
  const interruption = interruptOnSignal(context)
  const directory = await mkdtemp(join(tmpdir(), 'orch-demo-'))
  try {
    await copyFile(exampleGraph, join(directory, 'orchestrator.yaml'))
    return await playIn(context, messages, directory, interruption)
  } finally {
    if (flags.keep === true) messages.note(`kept: ${directory}`)
    else await rm(directory, { recursive: true, force: true })
  }
}

/** The first signal ends the demo after the current step, which removes its builds and its folder. The second one ends it at once. */
function interruptOnSignal({ onSignal, exit }: Pick<Context, 'onSignal' | 'exit'>): AbortSignal {
  const interruption = new AbortController()
  onSignal(() => {
    if (interruption.signal.aborted) exit(exitCodes.interrupted)
    else interruption.abort()
  })
  return interruption.signal
}

async function playIn(
  context: Context,
  messages: Messages,
  directory: string,
  interruption: AbortSignal,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, { config: join(directory, 'orchestrator.yaml') })
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const [{ startSandbox }, { createDemoSteps, StepFailed, DemoInterrupted }, { playStory }] = await Promise.all([
    import('../connect/sandbox-connection.js'),
    import('../demo/demo-steps.js'),
    import('../demo/story.js'),
  ])
  const started = await startSandbox(context, loaded.value)
  if (!started.ok) return messages.reportProblems(started.problems)
  const { sandbox, url } = started.value
  const startedAt = context.clock.now()
  messages.stdout.write(`An embedded GitHub listens on ${url}, with five repositories.\n`)
  messages.stdout.write('The orch commands below are the real ones, with --sandbox; so are the builds.\n')
  try {
    const site = { directory, url, token: sandbox.token }
    await playStory(createDemoSteps({ programs: context, messages, site, interruption }), 'ismenablement')
    const seconds = Math.round((context.clock.now() - startedAt) / 1000)
    messages.stdout.write(`\nBoth pull requests are merged, together. The demo took ${seconds} seconds.\n`)
    return exitCodes.success
  } catch (error) {
    if (error instanceof DemoInterrupted) return exitCodes.interrupted
    if (!(error instanceof StepFailed)) throw error
    const why = 'a step of the demo did not end as expected, because of this machine or a bug in orch'
    const problem: Problem = {
      kind: 'failed',
      message: error.message,
      why,
      remedy: 'Read its output above; git and node must be on the PATH.',
    }
    return messages.reportProblems([problem])
  } finally {
    await sandbox.close()
  }
}
