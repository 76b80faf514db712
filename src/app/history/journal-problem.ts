import type { JournalFault } from '../../ports/store.js'

/** The reason why a journal cannot be used, one clause, and the remedy, one sentence. */
export interface JournalProblem {
  problem: string
  remedy: string
}

export const damagedRemedy =
  'It was edited, or the disk lost data: check its builds on GitHub, then start a new orchestration with orch run --new. Nothing was changed.'

export function explainFault(fault: JournalFault): JournalProblem {
  switch (fault.kind) {
    case 'damaged':
      return { problem: `line ${fault.line} is damaged: ${fault.problem}`, remedy: damagedRemedy }
    case 'newer': {
      const problem = `a newer orch wrote it, in version ${fault.version} of its format`
      return { problem, remedy: 'Use the orch that wrote it. Nothing was changed.' }
    }
  }
}
