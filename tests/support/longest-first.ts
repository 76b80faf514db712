import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Folders with long files come first, so that the workers end at about the same time; first of all those that wait for other processes. */
const longFolders = ['tests/service/', 'tests/cli/process/', 'tests/client/', 'tests/simulation/', 'tests/scenarios/']

/** Keeps each project together, because only files of one project share the modules of a worker; within a folder Vitest decides the order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      if (project.name === 'isolated') return -1
      const index = longFolders.findIndex((folder) => moduleId.includes(`/${folder}`))
      return index < 0 ? longFolders.length : index
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
