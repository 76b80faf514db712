import { Command } from 'commander'
import { runWorker } from '../../service/run-worker.js'
import { readWorkerSettings } from '../../service/settings.js'
import type { WorkerFlags, WorkerSettings } from '../../service/settings.js'
import { openServiceProcess } from '../connect/service-process.js'
import { passwordOf } from '../connect/database-password.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { withGraph } from '../connect/with-graph.js'
import { addConfigOption } from '../flags/common-options.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import { untilAsked } from '../process/until-asked.js'

export interface WorkerCommandFlags extends WorkerFlags {
  config?: string
  json?: boolean
  verbose?: boolean
}

/** `orch worker`: more workers for a service on PostgreSQL. */
export function workerCommand(action: (flags: WorkerCommandFlags) => Promise<void>): Command {
  const command = new Command('worker').description('execute what a service on PostgreSQL has queued, until stopped')
  return addConfigOption(command)
    .option('--database <url>', 'postgres://… of the service (default: DATABASE_URL)')
    .option('--workers <count>', 'workers in this process (default: 2)')
    .option('--capacity <count>', 'orchestrations that one worker holds, for they mostly wait (default: 100)')
    .option('--json', 'JSON lines on stdout: the process, then the log (default: the log on stderr)')
    .option('-v, --verbose', 'log details and each request to GitHub')
    .action((flags: WorkerCommandFlags) => action(flags))
}

/** Works until a signal, or until another process has taken the work over. */
export async function work(context: Context, messages: Messages, flags: WorkerCommandFlags): Promise<ExitCode> {
  const settings = readWorkerSettings(context.env, flags)
  if (!settings.ok) return messages.reportProblems(settings.problems)
  return withGraph(context, messages, flags, async (loaded) => {
    const asked = untilAsked(context)
    try {
      return await workUntil(asked.signal, { context, messages, flags, settings: settings.value, loaded })
    } catch (error) {
      // The wait for the database was ended.
      if (asked.signal.aborted && error === asked.signal.reason) return exitCodes.success
      throw error
    } finally {
      asked.stop()
    }
  })
}

interface Working {
  context: Context
  messages: Messages
  flags: WorkerCommandFlags
  settings: WorkerSettings
  loaded: LoadedGraph
}

async function workUntil(
  signal: AbortSignal,
  { context, messages, flags, settings, loaded }: Working,
): Promise<ExitCode> {
  const opened = await openServiceProcess({
    ...settings,
    context,
    messages,
    loaded,
    graph: loaded.graph,
    verbose: flags.verbose === true,
    publicUrl: null,
    secrets: passwordOf(settings.databaseUrl),
    sandbox: null,
    signal,
  })
  if (!opened.ok) return messages.reportProblems(opened.problems)
  const process = opened.value
  const { workers } = settings
  try {
    const end = await runWorker({
      ...process.work,
      signal,
      onReady: (id) => {
        if (flags.json === true) process.announce({ type: 'working', process: id, workers })
        else messages.note(`orch works as ${id} with ${workers} workers. Ctrl-C stops it.`)
      },
    })
    process.log.info(
      { reason: end === 'lost' ? 'lost' : String(signal.reason) },
      'ended; what has not ended was handed on',
    )
    return end === 'lost' ? exitCodes.notSuccessful : exitCodes.success
  } finally {
    await process.close()
  }
}
