import { dirname, join, relative, resolve } from 'node:path'
import type { Diagnostic } from '../../model/diagnostic.js'
import { graphFileName, graphFilePaths } from '../../config/graph-file-paths.js'
import { parseGraphFile } from '../../config/graph-file.js'
import { fileProblem, isAbsent, readRegularFile } from '../../lib/regular-file.js'
import { withoutByteOrderMark } from '../../config/yaml/read-yaml.js'
import type { Graph } from '../../model/graph.js'
import type { Environment } from '../../app/environment.js'
import type { Result } from '../../app/problem.js'
import { stop, usageProblem } from '../../app/problem.js'

/** The inputs of the search for the graph file. */
export interface GraphFileSource {
  cwd: string
  env: Environment
}

export interface LoadedGraph {
  graph: Graph
  /** Absolute path of the folder of the graph file. */
  directory: string
  /** Absolute path of `.orch/sandbox` beside the graph file, which holds the state of the embedded GitHub. */
  sandboxDirectory: string
  /**
   * Absolute path of the folder with the journals. The sandbox has its own: an orchestration must never be resumed against another GitHub
   * than the one it began on.
   */
  historyDirectory: string
  /** Absolute path of the folder with the state of `orch serve`, below the one with the journals. */
  serviceDirectory: string
  /** Warnings about the graph file, formatted for stderr; empty: none. */
  warnings: string
}

/** The graph file named by `--config`, else by ORCH_CONFIG, else the nearest `orchestrator.yaml` upwards from the working directory. */
export async function loadGraph(
  { cwd, env }: GraphFileSource,
  { config: named, sandbox: isSandbox = false }: { config?: string | undefined; sandbox?: boolean | undefined },
): Promise<Result<LoadedGraph>> {
  const found = findText({ cwd, env }, named)
  if (!found.ok) return found
  const { path, text } = found.value
  const shown = relative(cwd, path) || path
  const parsed = parseGraphFile(text)
  const render = async (diagnostics: readonly Diagnostic[]): Promise<string> => {
    const { renderDiagnostics } = await import('../../report/views/diagnostics-view.js')
    return `${renderDiagnostics(shown, withoutByteOrderMark(text), diagnostics)}
`
  }
  if (!parsed.ok) {
    const report = await render(parsed.diagnostics)
    return stop({ ...usageProblem(`${shown} has errors`, 'see above', 'Correct them.'), text: report })
  }
  const warnings = parsed.warnings.length > 0 ? await render(parsed.warnings) : ''
  const directory = dirname(path)
  const stateDirectory = join(directory, '.orch')
  const sandboxDirectory = join(stateDirectory, 'sandbox')
  const historyDirectory = isSandbox ? sandboxDirectory : stateDirectory
  return {
    ok: true,
    value: {
      graph: parsed.graph,
      directory,
      sandboxDirectory,
      historyDirectory,
      serviceDirectory: join(historyDirectory, 'service'),
      warnings,
    },
  }
}

function findText({ cwd, env }: GraphFileSource, named: string | undefined): Result<{ path: string; text: string }> {
  const fromEnvironment = (env['ORCH_CONFIG'] ?? '').trim()
  const asked = named ?? (fromEnvironment === '' ? undefined : fromEnvironment)
  if (asked !== undefined) {
    const path = resolve(cwd, asked)
    const text = readText(path)
    if (text.ok) return { ok: true, value: { path, text: text.value } }
    const source = named === undefined ? 'ORCH_CONFIG' : '--config'
    return stop(
      usageProblem(
        `${asked} cannot be read`,
        `${source} names it: ${text.problem}`,
        `Name a graph file with ${source}.`,
      ),
    )
  }
  for (const path of graphFilePaths(cwd)) {
    const text = readText(path)
    if (text.ok) return { ok: true, value: { path, text: text.value } }
    // Only a missing file is skipped: a file in a parent folder must not replace an unreadable one.
    if (text.isAbsent) continue
    const remedy = 'Make it readable, or name another one with --config.'
    return stop(usageProblem(`${path} cannot be read`, text.problem, remedy))
  }
  return stop({
    kind: 'usage',
    message: `there is no ${graphFileName} here or in any folder above`,
    why: 'it holds the graph: which repositories build in which order',
    remedy: 'Write one with orch init, or name one with --config or ORCH_CONFIG.',
  })
}

/** More than the parser accepts, so that the parser says where the limit is. */
const maxBytes = 16 * 1024 * 1024

type FileText = { ok: true; value: string } | { ok: false; problem: string; isAbsent: boolean }

function readText(path: string): FileText {
  try {
    return { ok: true, value: readRegularFile(path, maxBytes).toString('utf8') }
  } catch (error) {
    return { ok: false, problem: fileProblem(error), isAbsent: isAbsent(error) }
  }
}
