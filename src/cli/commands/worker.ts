import { runWorker } from '../../service/run-worker.js'
import { readWorkerSettings } from '../../service/settings.js'
import type { WorkerSettings } from '../../service/settings.js'
import { openServiceProcess } from '../connect/service-process.js'
import { passwordOf } from '../connect/database-password.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { withGraph } from '../connect/with-graph.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import type { WorkerCommandFlags } from './service-commands.js'
import { untilAsked } from '../process/until-asked.js'

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
