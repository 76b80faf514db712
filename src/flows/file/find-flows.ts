import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileProblem, isAbsent, readRegularFile } from '../../lib/regular-file.js'
import type { Diagnostic } from '../../model/diagnostic.js'
import type { Flow } from '../../model/flow/flow.js'
import type { FoundFlow, ReadFlows } from '../catalog.js'
import { handoffCycles } from './handoff-cycles.js'
import { parseFlowFile } from './parse-flow-file.js'
import type { SchemaProblem } from './read-triggers.js'

/** Where flows are looked for, in this order: the first of a name is used. */
export const flowFolders = ['.orch/flows', '.codex/flows', 'flows'] as const
const fileName = 'flow.yaml'
/** More than the parser accepts, so that the parser says where the limit is. */
const maxFlowFileBytes = 16 * 1024 * 1024

/** A file as it was read last. */
interface ReadFile {
  /** Changes with the content of the file. */
  version: string
  name: string
  /** The last valid version. */
  flow: Flow | null
  problems: readonly string[]
}

/**
 * Reads the flows below a folder each time it is called. A file is parsed again only when it has changed, and one that has become invalid
 * keeps its last valid version.
 */
export function createFlowReader(root: string, schemaProblem: SchemaProblem): ReadFlows {
  const known = new Map<string, ReadFile>()
  let reading: Promise<FoundFlow[]> | null = null
  // Calls at the same time share one reading.
  return () => (reading ??= read().finally(() => (reading = null)))

  async function read(): Promise<FoundFlow[]> {
    const files = new Map<string, ReadFile>()
    for (const folder of flowFolders) {
      for (const entry of await entriesOf(join(root, folder))) {
        const file = `${folder}/${entry}/${fileName}`
        const read = await readFlowFile({ root, file, entry }, known.get(file), schemaProblem)
        if (read) files.set(file, read)
      }
    }
    known.clear()
    for (const [file, read] of files) known.set(file, read)
    return withCycles(withShadows(files))
  }
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort()
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

/** Null: the folder has no flow file. */
async function readFlowFile(
  { root, file, entry }: { root: string; file: string; entry: string },
  known: ReadFile | undefined,
  schemaProblem: SchemaProblem,
): Promise<ReadFile | null> {
  const path = join(root, file)
  const before = { name: known?.name ?? entry, flow: known?.flow ?? null }
  try {
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs} ${size} ${ino}`
    if (known?.version === version) return known
    const parsed = parseFlowFile(readRegularFile(path, maxFlowFileBytes).toString('utf8'), schemaProblem)
    if (parsed.ok) return { version, name: parsed.flow.name, flow: parsed.flow, problems: parsed.warnings.map(toText) }
    return { version, ...before, problems: parsed.diagnostics.map(toText) }
  } catch (error) {
    if (isAbsent(error)) return null
    return { version: '', ...before, problems: [`the file cannot be read: ${fileProblem(error)}`] }
  }
}

function toText({ line, column, message, hint }: Diagnostic): string {
  return `line ${line}, column ${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`
}

function withShadows(files: ReadonlyMap<string, ReadFile>): FoundFlow[] {
  const first = new Map<string, string>()
  return [...files].map(([file, { name, flow, problems }]) => {
    const shadowedBy = first.get(name) ?? null
    if (shadowedBy === null) first.set(name, file)
    return { name, file, flow, problems, shadowedBy }
  })
}

/** Flows that hand on to each other in a cycle would never end, so that none of them can be started. */
function withCycles(found: readonly FoundFlow[]): FoundFlow[] {
  const used = found.flatMap(({ flow, shadowedBy }) => (flow && shadowedBy === null ? [flow] : []))
  const cycles = handoffCycles(used)
  return found.map((each) => {
    const cycle = each.shadowedBy === null ? cycles.get(each.name) : undefined
    if (!cycle) return each
    const problem = `flows hand on to each other in a cycle: ${cycle.join(' -> ')}`
    return { ...each, flow: null, problems: [...each.problems, problem] }
  })
}
