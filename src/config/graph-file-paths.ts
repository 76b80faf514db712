import { dirname, join } from 'node:path'

export const graphFileName = 'orchestrator.yaml'

/**
 * Where a graph file may lie for someone who works in `directory` (an absolute path): there, and in every folder above it, nearest
 * first. Says nothing of which exist.
 */
export function graphFilePaths(directory: string): string[] {
  const paths: string[] = []
  for (let folder = directory; ; folder = dirname(folder)) {
    paths.push(join(folder, graphFileName))
    if (dirname(folder) === folder) return paths
  }
}
