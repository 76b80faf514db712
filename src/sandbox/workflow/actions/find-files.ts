import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** A file to upload: its path on disk, and its name in the artifact. */
export interface FoundFile {
  path: string
  name: string
}

/** One line of the input `path`. */
interface Pattern {
  isExclusion: boolean
  /** The folder or file above the first wildcard. */
  root: string
  /** Matches the whole path of a file. */
  expression: RegExp
}

/**
 * Finds the files that the input `path` of upload-artifact selects: a file, a folder or a pattern on each line, `!` before what is left out. As there,
 * names are relative to the folder that all lines have in common, and names that begin with a full stop are left out unless they are asked for.
 */
export async function findFiles(workspace: string, path: string, includeHidden: boolean): Promise<FoundFile[]> {
  const lines = path.split(/\r?\n/u).map((line) => line.trim())
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => parse(workspace, line))
  const wanted = patterns.filter(({ isExclusion }) => !isExclusion)
  const excluded = patterns.filter(({ isExclusion }) => isExclusion)
  const found = new Set<string>()
  for (const { root, expression } of wanted) {
    for (const file of await filesBelow(root, includeHidden)) {
      if (expression.test(file) && !excluded.some((each) => each.expression.test(file))) found.add(file)
    }
  }
  const folders = await Promise.all(wanted.map(({ root }) => folderOf(root)))
  const common = commonFolder(folders)
  return [...found].sort().map((file) => ({ path: file, name: relative(common, file).split(sep).join('/') }))
}

function parse(workspace: string, line: string): Pattern {
  const isExclusion = line.startsWith('!')
  const full = resolve(workspace, isExclusion ? line.slice(1) : line)
  const segments = full.split(sep)
  const first = segments.findIndex((segment) => /[*?]/u.test(segment))
  const root = first === -1 ? full : segments.slice(0, first).join(sep)
  // A path also selects everything below it.
  return { isExclusion, root, expression: new RegExp(`^${segments.map(segmentSource).join('')}(?:/.*)?$`, 'u') }
}

/** The regular expression of a segment with the slash before it. `**` stands for any number of segments. */
function segmentSource(segment: string, index: number): string {
  const slash = index === 0 ? '' : '/'
  if (segment === '**') return '(?:/[^/]+)*'
  const source = segment.replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
  return `${slash}${source.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}`
}

/** The paths of a file, or of the files below a folder; none if it does not exist. Links to folders are not followed. */
async function filesBelow(path: string, includeHidden: boolean): Promise<string[]> {
  const kind = await kindOf(path)
  if (kind !== 'folder') return kind === 'file' ? [path] : []
  const entries = await readdir(path, { withFileTypes: true })
  const shown = entries.filter(({ name }) => includeHidden || !name.startsWith('.'))
  const lists = await Promise.all(
    shown.map(async (entry) => {
      const child = join(path, entry.name)
      if (entry.isDirectory()) return filesBelow(child, includeHidden)
      return (await kindOf(child)) === 'file' ? [child] : []
    }),
  )
  return lists.flat()
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    const found = await stat(path)
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : null
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

async function folderOf(path: string): Promise<string> {
  return (await kindOf(path)) === 'file' ? dirname(path) : path
}

function commonFolder(folders: readonly string[]): string {
  const [segments = [], ...others] = folders.map((folder) => folder.split(sep))
  const length = segments.findIndex((segment, index) => others.some((other) => other[index] !== segment))
  return (length === -1 ? segments : segments.slice(0, length)).join(sep)
}
