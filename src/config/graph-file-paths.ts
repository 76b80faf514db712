import { dirname, join } from 'node:path'

export const graphFileName = 'orchestrator.yaml'

/**
 * The paths where the graph file for `directory` (an absolute path) may be: there, and in every folder above it, nearest first. Does not
 * check which exist.
 */
export function graphFilePaths(directory: string): string[] {
  const paths: string[] = []
  for (let folder = directory; ; folder = dirname(folder)) {
    paths.push(join(folder, graphFileName))
    if (dirname(folder) === folder) return paths
  }
}
