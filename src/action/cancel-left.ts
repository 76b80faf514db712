import { readHistory } from '../app/history/read-history.js'
import { loadGraph } from '../cli/connect/graph-file.js'
import { openStore } from '../cli/connect/open-store.js'
import { exitCodes } from '../cli/output/exit-codes.js'
import type { ExitCode } from '../cli/output/exit-codes.js'
import type { Context } from '../cli/process/context.js'
import { runProgram } from '../cli/run-program.js'
import { actionCommand } from './commands.js'
import { drivesOrchestration, readInputs } from './inputs.js'
import type { ActionCall } from './inputs.js'

/**
 * Cancels what a killed step has left: the orchestrations in its workspace that are unfinished and that no process drives. The runner kills a
 * step ten seconds after its job is cancelled, or when its machine has no memory left.
 */
export async function cancelLeft(context: Context): Promise<ExitCode> {
  const call = readInputs(context.env)
  // A step with wrong inputs has said so, and started nothing.
  if (!call.ok || !drivesOrchestration(call.value.command)) return exitCodes.success
  const { config, env } = call.value
  const own = { ...context, env }
  for (const id of await findLeft(own, call.value)) {
    const argv = ['cancel', ...(config === undefined ? [] : [`--config=${config}`]), '--', id]
    const code = await runProgram({ ...own, argv }, (_context, _program, perform) => [actionCommand('cancel', perform)])
    if (code !== exitCodes.success) return code
  }
  return exitCodes.success
}

async function findLeft(context: Context, { config, named }: ActionCall): Promise<string[]> {
  const loaded = await loadGraph(context, { config })
  // The step has said that it could not read the graph file, and started nothing.
  if (!loaded.ok) return []
  const history = await readHistory(openStore(context, loaded.value))
  return history.flatMap((entry) => {
    if (entry.state !== 'unfinished') return []
    const { id, orchestration } = entry
    return [undefined, id, orchestration.plan.branch].includes(named) ? [id] : []
  })
}
