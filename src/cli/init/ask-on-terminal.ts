import type { CANCEL_SYMBOL } from '@clack/prompts'
import { autocompleteMultiselect, isCancel, multiselect, select, text } from '@clack/prompts'
import type { ChosenNeeds, Questions } from '../../app/init/questions.js'
import type { SplitNeeds } from '../../app/init/split-cycles.js'
import { sanitize } from '../../lib/sanitize.js'
import { compilePattern } from '../../model/branch-pattern.js'
import { ownerProblem } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { renderProposal } from '../../report/views/proposal-view.js'
import type { Messages } from '../output/messages.js'
import type { Keyboard } from '../process/keyboard.js'
import type { Screen } from '../process/screen.js'
import { splitList } from '../flags/split-list.js'
import { createPromptScreen } from './prompt-screen.js'

export interface TerminalQuestions {
  stdin: Keyboard
  stdout: Screen
  messages: Messages
  /** Ends a question as Ctrl-C does. */
  signal: AbortSignal
}

/** The answer of a user who stopped. */
type Cancelled = typeof CANCEL_SYMBOL

/** Lines of a list that are shown at once. */
const maxItems = 12

/** Asks on the terminal. Ctrl-C and Escape stop. */
export function createTerminalQuestions({ stdin, stdout, messages, signal }: TerminalQuestions): Questions {
  const common = { input: stdin.stream, output: createPromptScreen(stdout, messages.view.color), signal }
  const answered = async <T>(answer: Promise<T | Cancelled>): Promise<T | null> => {
    const value = await answer
    return isCancel(value) ? null : value
  }
  const show = async (shown: string): Promise<void> => {
    messages.stdout.write(shown)
    // A question must not come before the text that it is about.
    await messages.stdout.flush()
  }
  const choose = (message: string, names: readonly RepoName[], initialValues: readonly RepoName[]) =>
    multiselect({
      ...common,
      message,
      options: names.map((value) => ({ value, label: sanitize(value) })),
      initialValues: [...initialValues],
      required: false,
      maxItems,
    })

  const askEach = async (repositories: readonly RepoName[], { needs }: SplitNeeds): Promise<ChosenNeeds | null> => {
    const found = (repo: RepoName): RepoName[] =>
      needs.filter(({ dependent }) => dependent === repo).map(({ needed }) => needed)
    const after = await answered(
      choose(
        'Which of them are built after others?',
        repositories,
        repositories.filter((repo) => found(repo).length > 0),
      ),
    )
    if (after === null) return null
    const chosen = new Map<RepoName, readonly RepoName[]>()
    for (const repo of after) {
      const others = repositories.filter((each) => each !== repo)
      const before = await answered(choose(`What must be built before ${sanitize(repo)}?`, others, found(repo)))
      if (before === null) return null
      chosen.set(repo, before)
    }
    return chosen
  }

  return {
    askOwner: () =>
      answered(
        text({
          ...common,
          message: 'Which user or organization owns the repositories?',
          validate: (value) => ownerProblem(value ?? ''),
        }),
      ),
    askRepositories: (owner, repositories) =>
      answered(
        autocompleteMultiselect({
          ...common,
          message: `Which repositories of ${sanitize(owner)} change together? Type to search.`,
          options: repositories.map((value) => ({ value, label: sanitize(value) })),
          required: true,
          maxItems,
        }),
      ),
    async askNeeds(repositories, proposal, cycle) {
      if (cycle)
        await show(`These need each other, so that no order is possible: ${cycle.map(sanitize).join(' -> ')}\n`)
      else await show(`\n${renderProposal({ owner: '', ...proposal }, messages.view)}\n`)
      const proposed = proposal.needs.length === 0 ? 'Any order' : 'As found above'
      const way = await answered(
        select({
          ...common,
          message: 'In which order are they built?',
          options: [
            { value: 'proposed', label: proposed },
            { value: 'own', label: 'Choose what each of them needs' },
          ],
        }),
      )
      if (way === null) return null
      return way === 'proposed' ? 'proposed' : askEach(repositories, proposal)
    },
    askBranches: async (initial) => {
      const patterns = await answered(
        text({
          ...common,
          message: 'Which branches are coordinated changes? Patterns, separated by commas.',
          initialValue: initial.join(', '),
          validate: (value) => patternsProblem(splitList(value ?? '')),
        }),
      )
      return patterns === null ? null : splitList(patterns)
    },
  }
}

function patternsProblem(patterns: readonly string[]): string | undefined {
  if (!patterns.some((pattern) => !pattern.startsWith('!'))) return 'Write at least one pattern without a leading !'
  for (const pattern of patterns) {
    const compiled = compilePattern(pattern)
    if (!compiled.ok) return `${pattern}: ${compiled.problem}`
  }
  return undefined
}
