import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { exitCodes } from '../cli/output/exit-codes.js'
import type { ExitCode } from '../cli/output/exit-codes.js'
import { createMessages } from '../cli/output/messages.js'
import type { Context } from '../cli/process/context.js'
import { runProgram } from '../cli/run-program.js'
import { outputSafe } from '../lib/sanitize.js'
import { actionCommand } from './commands.js'
import { drivesOrchestration, linesToMask, readInputs } from './inputs.js'

/** The result of a command that drives no orchestration. `stopped`: it did not do what it was asked to; the log says why. */
const results: Record<ExitCode, string> = {
  [exitCodes.success]: 'succeeded',
  [exitCodes.notSuccessful]: 'failed',
  [exitCodes.usage]: 'stopped',
  [exitCodes.authentication]: 'stopped',
  [exitCodes.partiallyMerged]: 'partially-merged',
  [exitCodes.pending]: 'pending',
  [exitCodes.interrupted]: 'cancelled',
}

/** Runs the command that the inputs of the step describe; resolves to the exit code of the step. */
export async function runStep(context: Context): Promise<ExitCode> {
  const messages = createMessages(context)
  for (const line of linesToMask(context.env)) messages.stdout.write(`::add-mask::${line.replaceAll('%', '%25')}\n`)
  await writeResult(context, 'stopped')
  const call = readInputs(context.env)
  if (!call.ok) {
    const code = messages.reportProblems(call.problems)
    await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
    return code
  }
  await messages.stdout.flush()
  const { command, words, env } = call.value
  const own = { ...context, env, argv: [command, ...words] }
  const code = await runProgram(own, (_context, _program, perform) => [actionCommand(command, perform)])
  // An orchestration that has ended wrote its outcome.
  if (!drivesOrchestration(command)) await writeResult(context, results[code])
  return code
}

/** Writes the output `result`; a later value replaces an earlier one. */
async function writeResult({ env }: Pick<Context, 'env'>, result: string): Promise<void> {
  const path = env['GITHUB_OUTPUT'] ?? ''
  // Absent: the program was not started by a runner, so nobody reads outputs.
  if (path !== '') await appendFile(path, outputSafe('result', result, `orch_${randomBytes(16).toString('hex')}`))
}
