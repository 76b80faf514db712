import { randomUUID } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runAction } from '../actions/run-action.js'
import { evaluateMap } from '../expression/evaluate-map.js'
import { interpolate } from '../expression/expression.js'
import type { Scope } from '../expression/expression.js'
import type { Shell, WorkflowStep } from '../parse/model.js'
import type { JobContext } from './job-context.js'
import { runProgram } from './run-program.js'
import { unsuccessful } from './step-result.js'
import type { StepResult, StepSignals } from './step-result.js'

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

function refuse(job: JobContext, message: string): StepResult {
  job.log.error(`The template is not valid. ${message}`)
  return unsuccessful
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
  return runAction({ job, uses: work.uses, name, inputs: inputs.value, env, scope, signals })
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
    return unsuccessful
  }
  const file = join(job.folders.temp, `${randomUUID()}.sh`)
  await writeFile(file, `${script.value}\n`)
  const program = { command: shell.command, arguments: [...shell.arguments, file], directory, env, fixed: {} }
  return runProgram(job, program, signals)
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
