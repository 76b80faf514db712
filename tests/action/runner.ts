import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { startProgram } from '../cli/support/built-command.js'
import type { BuiltCommand } from '../cli/support/built-command.js'
import type { LocalGitHub } from '../cli/support/local-github.js'
import type { WorkFolder } from '../cli/support/work-folder.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The parts of action.yml that the runner reads. */
interface ActionFile {
  inputs: Record<string, { default?: string }>
  outputs: Record<string, unknown>
  runs: { using: string; main: string; post: string }
}

export const actionFile = parse(await readFile(join(root, 'action.yml'), 'utf8')) as ActionFile

export type Inputs = Readonly<Record<string, string>>

/** The Action as the runner of GitHub starts it in a job whose workspace is `folder`. */
export class ActionStep {
  readonly #folder: WorkFolder
  readonly #inputs: Inputs
  readonly #env: Record<string, string>

  constructor(folder: WorkFolder, github: LocalGitHub, inputs: Inputs) {
    this.#folder = folder
    this.#inputs = inputs
    this.#env = {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: `${github.url}/api/v3`,
      GITHUB_SERVER_URL: github.url,
      GITHUB_REPOSITORY: 'acme/orchestrator',
      GITHUB_RUN_ID: '21000000007',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'run',
      GITHUB_ACTION: 'orch',
      RUNNER_TEMP: folder.path,
    }
  }

  /** Starts the program of the step. */
  async start(): Promise<BuiltCommand> {
    for (const variable of files) await writeFile(this.#pathOf(variable), '')
    return this.#startProgram(actionFile.runs.main)
  }

  /** Starts what follows after the job. */
  startPost(): BuiltCommand {
    return this.#startProgram(actionFile.runs.post)
  }

  /** The outputs that the step has written. A later value replaces an earlier one. */
  async outputs(): Promise<Record<string, string>> {
    const text = await readFile(this.#pathOf('GITHUB_OUTPUT'), 'utf8')
    const entries = [...text.matchAll(/^(?<name>[\w-]+)<<(?<end>\w+)\n(?<value>[\s\S]*?)\n\k<end>$/gmu)]
    return Object.fromEntries(entries.map(({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? '']))
  }

  summary(): Promise<string> {
    return readFile(this.#pathOf('GITHUB_STEP_SUMMARY'), 'utf8')
  }

  #pathOf(variable: (typeof files)[number]): string {
    return join(this.#folder.path, variable.toLowerCase())
  }

  #startProgram(program: string): BuiltCommand {
    const path = resolve(root, program)
    if (!existsSync(path)) throw new Error('the Action is not built: npm run build')
    const inputs = Object.entries({ ...defaults(), ...this.#inputs }).map(
      ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
    )
    return startProgram(process.execPath, [path], {
      cwd: this.#folder.path,
      env: {
        ...this.#env,
        ...Object.fromEntries(files.map((variable) => [variable, this.#pathOf(variable)])),
        ...Object.fromEntries(inputs),
      },
    })
  }
}

const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const

/** The runner sets a variable for each input, also for one without a value. */
function defaults(): Record<string, string> {
  return Object.fromEntries(Object.entries(actionFile.inputs).map(([name, input]) => [name, input.default ?? '']))
}
