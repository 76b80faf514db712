import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { loadGraph } from './graph-file.js'
import type { GraphFileSource, LoadedGraph } from './graph-file.js'

/** Loads the graph file, reports its problems or warnings, and does the work if it could be loaded. */
export async function withGraph(
  source: GraphFileSource,
  messages: Messages,
  flags: { config?: string | undefined; sandbox?: boolean | undefined },
  work: (loaded: LoadedGraph) => Promise<ExitCode>,
): Promise<ExitCode> {
  const loaded = await loadGraph(source, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  return work(loaded.value)
}
