import { existsSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { startProgram } from './built-command.js'
import type { BuiltCommand } from './built-command.js'
import type { WorkFolder } from './work-folder.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The parts of a workflow template that the tests read. */
interface Template {
  jobs: Record<string, { 'timeout-minutes'?: number; steps: TemplateStep[] }>
}

/** A step of a workflow template. */
export interface TemplateStep {
  id?: string
  run?: string
  env?: Record<string, string>
}

/** The only job of a template, and its step that starts `orch`. */
export async function readTemplate(
  name: string,
): Promise<{ job: Template['jobs'][string]; step: TemplateStep & { run: string } }> {
  const template = parse(await readFile(join(root, 'config/workflows', name), 'utf8')) as Template
  const [job] = Object.values(template.jobs)
  const step = job?.steps.find(({ run }) => run?.includes('bin/orch.js'))
  if (!job || step?.run === undefined) throw new Error(`${name} has no step that starts orch`)
  return { job, step: { ...step, run: step.run } }
}

export interface StepStart {
  step: TemplateStep & { run: string }
  /** The values of the expressions in the step's `env`, such as `inputs.branch`. */
  values: Record<string, string>
  /** What GitHub Actions sets for every step. */
  env?: Record<string, string>
}

/** Runs a step in a folder that holds the built command as the checkout would: in a script file under `bash -e`, as GitHub does. */
export async function startStep(folder: WorkFolder, { step, values, env = {} }: StepStart): Promise<BuiltCommand> {
  if (!existsSync(join(folder.path, 'bin'))) await symlink(join(root, 'bin'), join(folder.path, 'bin'))
  const script = join(folder.path, 'step.sh')
  await writeFile(script, step.run)
  const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, substitute(text, values)] as const)
  return startProgram('bash', ['-e', script], { cwd: folder.path, env: { ...env, ...Object.fromEntries(own) } })
}

function substitute(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{\{ (?<name>\S+) \}\}/gu, (_all, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the test gives no value for ${name}`)
    return value
  })
}
