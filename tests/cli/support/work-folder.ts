import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const example = fileURLToPath(new URL('../../../orchestrator.yaml', import.meta.url))

/** A graph of one job, for tests in which the build order does not matter. */
export const oneJobGraph = `version: 1
owner: acme
branches: DPTA-*
status-context: orchestrator-build
jobs:
  lib: {}
`

/** A temporary folder with a graph file. */
export class WorkFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Opens a folder with the given graph, or with the example of this repository. */
  static async open(graph?: string): Promise<WorkFolder> {
    const path = await mkdtemp(join(tmpdir(), 'orch-process-'))
    const target = join(path, 'orchestrator.yaml')
    await (graph === undefined ? copyFile(example, target) : writeFile(target, graph))
    return new WorkFolder(path)
  }

  /** The state directory of the embedded GitHub of this folder. */
  get sandbox(): string {
    return join(this.path, '.orch', 'sandbox')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}
