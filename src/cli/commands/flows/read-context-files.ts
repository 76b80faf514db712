import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stop, usageProblem } from '../../../app/problem.js'
import type { Result } from '../../../app/problem.js'
import { failureText } from '../../../lib/failure-text.js'
import { contextProblem, maxContextFileBytes } from '../../../model/flow/context-file.js'
import type { ContextFile } from '../../../model/flow/context-file.js'

export interface ContextFlags {
  contextFile?: readonly string[]
  contextDir?: string
}

/** Where a context file is, and the name under which it is handed on. */
interface Named {
  name: string
  path: string
}

/** The files that `--context-file` and `--context-dir` name. Everything is checked before anything is sent. */
export async function readContextFiles(flags: ContextFlags, cwd: string): Promise<Result<readonly ContextFile[]>> {
  const named = await nameFiles(flags, cwd)
  if (!named.ok) return named
  // The names come first, because a wrong one shows that the wrong files are meant.
  const wrongName = contextProblem(named.value.map(({ name }) => ({ name, content: '' })))
  if (wrongName) return refuse(wrongName.problem, 'a context file has a plain file name')
  const files: ContextFile[] = []
  for (const each of named.value) {
    const file = await readContextFile(each)
    if (!file.ok) return file
    files.push(file.value)
  }
  const problem = contextProblem(files)
  return problem
    ? refuse(problem.problem, 'the limits are 1 MiB for a file and 10 MiB for all of them')
    : { ok: true, value: files }
}

async function nameFiles(
  { contextFile = [], contextDir }: ContextFlags,
  cwd: string,
): Promise<Result<readonly Named[]>> {
  const named: Named[] = []
  for (const given of contextFile) {
    const [, name = '', path = ''] = /^([^=]*)=(.*)$/su.exec(given) ?? []
    if (path === '')
      return refuse(
        `"${given}" is not a context file`,
        'it must have a name and a path',
        'Write it like notes.md=docs/notes.md.',
      )
    named.push({ name, path: resolve(cwd, path) })
  }
  if (contextDir === undefined) return { ok: true, value: named }
  const folder = resolve(cwd, contextDir)
  try {
    const names = (await readdir(folder)).sort()
    return { ok: true, value: [...named, ...names.map((name) => ({ name, path: join(folder, name) }))] }
  } catch (error) {
    return refuse(`the folder ${contextDir} cannot be read`, failureText(error), 'Name a folder that you can read.')
  }
}

async function readContextFile({ name, path }: Named): Promise<Result<ContextFile>> {
  try {
    const stats = await lstat(path)
    if (!stats.isFile()) {
      const what = stats.isSymbolicLink()
        ? 'it is a link'
        : stats.isDirectory()
          ? 'it is a folder'
          : 'it is not a regular file'
      return refuse(`${path} cannot be handed on`, what, 'Name regular files only.')
    }
    if (stats.size > maxContextFileBytes)
      return refuse(`the context file "${name}" is larger than 1 MiB`, `it has ${stats.size} bytes`)
    const content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path))
    return { ok: true, value: { name, content } }
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return refuse(`the context file "${name}" is binary`, 'only text in UTF-8 is handed on')
    return refuse(`the context file ${path} cannot be read`, failureText(error))
  }
}

function refuse(message: string, why: string, remedy = 'Nothing was sent. Correct it, then try again.'): Result<never> {
  return stop(usageProblem(message, why, remedy))
}
