import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Projects with long files come first, so that the workers end at about the same time. */
const order = ['simulation', 'slow', 'slow-isolated', 'fast-isolated', 'fast']

/** Keeps each project together, because only files of one project share the modules of a worker; within it Vitest decides the order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => order.indexOf(a.project.name) - order.indexOf(b.project.name))
  }
}
