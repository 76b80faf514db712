import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, readYamlMap, scalarText } from '../parse/yaml-map.js'

/** A JavaScript action, as its `action.yml` describes it. */
export interface ActionFile {
  /** The path of its program, relative to the folder of the file. */
  main: string
  /** The defaults of its inputs by name, with their `${{ }}` unevaluated. */
  defaults: Record<string, string>
  /** The program that it runs at the end of the job, and its condition; null: none. */
  post: { main: string; condition: string } | null
  /** Whether it has a program for the start of the job, which the sandbox does not run. */
  hasPre: boolean
}

/** Reads the `action.yml` or `action.yaml` of a folder; `message` says why it cannot be run. */
export async function readActionFile(
  directory: string,
): Promise<{ ok: true; action: ActionFile } | { ok: false; message: string }> {
  const text = (await readIfThere(join(directory, 'action.yml'))) ?? (await readIfThere(join(directory, 'action.yaml')))
  if (text === null) {
    const message = `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${directory}'. Did you forget to run actions/checkout before running your local action?`
    return { ok: false, message }
  }
  const read = readYamlMap(text)
  if (!read.ok) return { ok: false, message: `The file of the action is not valid: ${read.message}` }
  const runs = isMap(read.map.runs) ? read.map.runs : {}
  const using = scalarText(runs.using) ?? ''
  const main = scalarText(runs.main) ?? ''
  if (!/^node\d+$/u.test(using)) {
    return { ok: false, message: `The sandbox runs JavaScript actions only, not those with \`using: ${using}\`.` }
  }
  if (main === '') return { ok: false, message: 'The file of the action has no `runs.main`.' }
  const post = scalarText(runs.post) ?? ''
  const condition = scalarText(runs['post-if']) ?? ''
  const action: ActionFile = {
    main,
    defaults: defaultsOf(read.map.inputs),
    post: post === '' ? null : { main: post, condition: condition === '' ? 'always()' : condition },
    hasPre: runs.pre !== undefined,
  }
  return { ok: true, action }
}

function defaultsOf(inputs: unknown): Record<string, string> {
  const entries = Object.entries(isMap(inputs) ? inputs : {}).flatMap(([name, input]): [string, string][] => {
    const value = isMap(input) && input.default !== undefined ? scalarText(input.default) : undefined
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(entries)
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw error
  }
}
