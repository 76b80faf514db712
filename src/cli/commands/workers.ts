import { renderWorkers } from '../../report/views/workers-view.js'
import { jsonDocument } from '../../report/json/json.js'
import { workerJson } from '../../service/http/api/workload-json.js'
import { readWorkers } from '../../service/read-workers.js'
import { readDatabaseUrl } from '../../service/settings.js'
import { withGraph } from '../connect/with-graph.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import type { WorkersCommandFlags } from './service-commands.js'

export async function listWorkers(context: Context, messages: Messages, flags: WorkersCommandFlags): Promise<ExitCode> {
  const databaseUrl = readDatabaseUrl(context.env, flags)
  if (!databaseUrl.ok) return messages.reportProblems(databaseUrl.problems)
  return withGraph(context, messages, flags, async ({ historyDirectory }) => {
    const { processes, clock } = context
    const read = await readWorkers({ databaseUrl: databaseUrl.value, stateDirectory: historyDirectory, processes })
    if (!read.ok) return messages.reportProblems(read.problems)
    const workers = { items: read.value.map(workerJson) }
    const text = flags.json === true ? jsonDocument(workers) : renderWorkers(workers, clock.now(), messages.view)
    messages.stdout.write(text)
    return exitCodes.success
  })
}
