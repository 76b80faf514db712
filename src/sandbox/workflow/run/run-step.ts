import { randomUUID } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { aborted, runProcess } from '../process/child-process.js'
import type { ProcessEnd } from '../process/child-process.js'
import { createCommandFiles } from './command-files.js'
import type { CommandFileValues } from './command-files.js'
import { interpolate } from '../expression/expression.js'
import type { Evaluated, Scope } from '../expression/expression.js'
import type { Shell, WorkflowStep } from '../parse/model.js'
import { runAction } from './run-action.js'
import type { ActionCall } from './run-action.js'
import type { JobContext } from './job-context.js'
import { createCommandReader } from './workflow-commands.js'

/** Maximum size of the stored output of a step, in bytes. */
const outputLimit = 10 * 1024 * 1024

/** The result of one step. `values` are the contents of its command files. */
export interface StepResult {
  outcome: 'success' | 'failure'
  values: CommandFileValues
}

/** The signals that end a step early. */
export interface StepSignals {
  interrupt: AbortSignal
  kill: AbortSignal
}

const nothing: CommandFileValues = { env: {}, outputs: {}, path: [], problems: [] }
const failed: StepResult = { outcome: 'failure', values: nothing }

const shells: Record<Shell, { command: string; arguments: string[] }> = {
  // GitHub sets pipefail only for an explicit `shell: bash`.
  default: { command: 'bash', arguments: ['-e'] },
  bash: { command: 'bash', arguments: ['--noprofile', '--norc', '-eo', 'pipefail'] },
  sh: { command: 'sh', arguments: ['-e'] },
}

/** Executes one step whose `if:` is true. After an interrupt its outcome is meaningless. */
export async function runStep(
  job: JobContext,
  step: WorkflowStep,
  name: string,
  signals: StepSignals,
): Promise<StepResult> {
  const env = evaluateMap(step.env, job.scope())
  if (!env.ok) return refuse(job, env.message)
  const scope = job.scope(env.value)
  return step.work.kind === 'uses'
    ? runUses(job, step.work, name, { env: env.value, scope }, signals)
    : runCommands(job, step.work, { env: env.value, scope }, signals)
}

/** Evaluates the expressions in each value of a mapping. */
export function evaluateMap(map: Record<string, string>, scope: Scope): Evaluated<Record<string, string>> {
  const values: [string, string][] = []
  for (const [name, text] of Object.entries(map)) {
    const value = interpolate(text, scope)
    if (!value.ok) return value
    values.push([name, value.value])
  }
  return { ok: true, value: Object.fromEntries(values) }
}

function refuse(job: JobContext, message: string): StepResult {
  job.log.error(`The template is not valid. ${message}`)
  return failed
}

interface StepScope {
  /** The step's own `env:`. */
  env: Record<string, string>
  scope: Scope
}

async function runUses(
  job: JobContext,
  work: Extract<WorkflowStep['work'], { kind: 'uses' }>,
  name: string,
  { env, scope }: StepScope,
  signals: StepSignals,
): Promise<StepResult> {
  const inputs = evaluateMap(work.with, scope)
  if (!inputs.ok) return refuse(job, inputs.message)
  job.log.group(name, [...listed('with', inputs.value), ...listed('env', job.shownEnvironment(env))])
  const call: ActionCall = {
    uses: work.uses,
    inputs: inputs.value,
    workspace: job.folders.workspace,
    checkout: (target) => job.execution.checkout(target),
    log: job.log,
  }
  const stopped = aborted(AbortSignal.any([signals.interrupt, signals.kill])).then((): 'failure' => 'failure')
  return { outcome: await Promise.race([runAction(call), stopped]), values: nothing }
}

async function runCommands(
  job: JobContext,
  work: Extract<WorkflowStep['work'], { kind: 'run' }>,
  { env, scope }: StepScope,
  signals: StepSignals,
): Promise<StepResult> {
  const script = interpolate(work.run, scope)
  if (!script.ok) return refuse(job, script.message)
  const place = interpolate(work.workingDirectory ?? '', scope)
  if (!place.ok) return refuse(job, place.message)
  const shell = shells[work.shell]
  const lines = script.value.trimEnd().split('\n')
  job.log.group(`Run ${lines[0] ?? ''}`, [
    ...lines,
    `shell: ${[shell.command, ...shell.arguments].join(' ')} {0}`,
    ...listed('env', job.shownEnvironment(env)),
  ])
  const directory = resolve(job.folders.workspace, place.value)
  if (!(await isDirectory(directory))) {
    job.log.error(`The working directory '${directory}' does not exist.`)
    return failed
  }
  const file = join(job.folders.temp, `${randomUUID()}.sh`)
  await writeFile(file, `${script.value}\n`)
  const files = await createCommandFiles(job.folders.temp)
  const end = await runProcess({
    command: shell.command,
    arguments: [...shell.arguments, file],
    directory,
    environment: job.environment(env, files.variables),
    clock: job.clock,
    processes: job.processes,
    interrupt: signals.interrupt,
    kill: signals.kill,
    outputLimit,
    onLine: createCommandReader(job.log),
  })
  const values = await files.read()
  for (const problem of values.problems) job.log.error(problem)
  const ended = signals.interrupt.aborted || signals.kill.aborted || endedWell(job, end)
  return { outcome: ended && values.problems.length === 0 ? 'success' : 'failure', values }
}

function endedWell(job: JobContext, end: ProcessEnd): boolean {
  switch (end.kind) {
    case 'exited':
      if (end.code !== 0) job.log.error(`Process completed with exit code ${end.code}.`)
      return end.code === 0
    case 'signalled':
      job.log.error(`Process was ended by ${end.signal}.`)
      return false
    case 'not-started':
      job.log.error(`The shell could not be started: ${end.message}`)
      return false
  }
}

const listed = (title: string, values: Record<string, string>): string[] => {
  const entries = Object.entries(values).map(([name, value]) => `  ${name}: ${value}`)
  return entries.length === 0 ? [] : [`${title}:`, ...entries]
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
    throw error
  }
}
