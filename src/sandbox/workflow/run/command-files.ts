import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The files through which one step passes values to later steps. */
export interface CommandFiles {
  /** GITHUB_ENV, GITHUB_OUTPUT, GITHUB_STATE, GITHUB_PATH and GITHUB_STEP_SUMMARY with the paths of the files. */
  variables: Record<string, string>
  read(): Promise<CommandFileValues>
}

/** The values that a step wrote to its files. `problems` lists the text that could not be parsed. */
export interface CommandFileValues {
  env: Record<string, string>
  outputs: Record<string, string>
  /** What an action keeps for its end. */
  state: Record<string, string>
  /** Directories, the last one written first. */
  path: string[]
  problems: string[]
}

/** Creates the empty files of one step in an existing directory. */
export async function createCommandFiles(directory: string): Promise<CommandFiles> {
  const id = randomUUID()
  const file = (name: string): string => join(directory, `${name}_${id}`)
  const variables = {
    GITHUB_ENV: file('set_env'),
    GITHUB_OUTPUT: file('set_output'),
    GITHUB_STATE: file('save_state'),
    GITHUB_PATH: file('add_path'),
    GITHUB_STEP_SUMMARY: file('step_summary'),
  }
  for (const path of Object.values(variables)) await writeFile(path, '')
  return { variables, read: () => readFiles(variables) }
}

async function readFiles(
  paths: Record<'GITHUB_ENV' | 'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_PATH', string>,
): Promise<CommandFileValues> {
  const env = parseAssignments(await readIfThere(paths.GITHUB_ENV))
  const outputs = parseAssignments(await readIfThere(paths.GITHUB_OUTPUT))
  const state = parseAssignments(await readIfThere(paths.GITHUB_STATE))
  const path = (await readIfThere(paths.GITHUB_PATH)).split(/\r?\n/).filter((line) => line.trim() !== '')
  const problems = [...env.problems, ...outputs.problems, ...state.problems]
  if (Object.hasOwn(env.values, 'NODE_OPTIONS')) {
    problems.push("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
  }
  const allowed = Object.entries(env.values).filter(([name]) => name !== 'NODE_OPTIONS')
  return {
    env: Object.fromEntries(allowed),
    outputs: outputs.values,
    state: state.values,
    path: path.reverse(),
    problems,
  }
}

/** Reads a file of a step. A step may delete its file, which counts as an empty one. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** Parses `name=value` lines and `name<<DELIMITER` blocks, the format of GITHUB_ENV and GITHUB_OUTPUT. */
export function parseAssignments(text: string): { values: Record<string, string>; problems: string[] } {
  const values: [string, string][] = []
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const [, name = '', operator = '', rest = ''] = /^(.*?)(=|<<)(.*)$/.exec(line) ?? []
    if (name === '') return { values: Object.fromEntries(values), problems: [`Invalid format '${line}'`] }
    if (operator === '=') {
      values.push([name, rest])
      continue
    }
    const end = lines.indexOf(rest, at + 1)
    if (end === -1) {
      const problem = `Invalid value. Matching delimiter not found '${rest}'`
      return { values: Object.fromEntries(values), problems: [problem] }
    }
    values.push([name, lines.slice(at + 1, end).join('\n')])
    at = end
  }
  return { values: Object.fromEntries(values), problems: [] }
}
