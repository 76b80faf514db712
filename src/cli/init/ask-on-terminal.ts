import type { Readable, Writable } from 'node:stream'
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

/** Lines of a list that are shown at once. */
const maxItems = 12

/** Asks on the terminal. Ctrl-C and Escape stop. */
export function createTerminalQuestions(options: TerminalQuestions): Questions {
  return new TerminalAsker(options)
}

class TerminalAsker implements Questions {
  readonly #messages: Messages
  /** For every question. */
  readonly #common: { input: Readable; output: Writable; signal: AbortSignal }

  constructor({ stdin, stdout, messages, signal }: TerminalQuestions) {
    this.#messages = messages
    this.#common = { input: stdin.stream, output: createPromptScreen(stdout, messages.view.color), signal }
  }

  askOwner(): Promise<string | null> {
    const message = 'Which user or organization owns the repositories?'
    return answered(text({ ...this.#common, message, validate: (value) => ownerProblem(value ?? '') }))
  }

  askRepositories(owner: string, repositories: readonly RepoName[]): Promise<readonly RepoName[] | null> {
    const message = `Which repositories of ${sanitize(owner)} change together? Type to search.`
    const options = repositories.map(toOption)
    return answered(autocompleteMultiselect({ ...this.#common, message, options, required: true, maxItems }))
  }

  async askNeeds(
    repositories: readonly RepoName[],
    proposal: SplitNeeds,
    cycle: readonly RepoName[] | null,
  ): Promise<ChosenNeeds | 'proposed' | null> {
    const shown = cycle
      ? `These need each other, so that no order is possible: ${cycle.map(sanitize).join(' -> ')}\n`
      : `\n${renderProposal({ owner: '', ...proposal }, this.#messages.view)}\n`
    await this.#show(shown)
    const message = 'In which order are they built?'
    const options = [
      { value: 'proposed', label: proposal.needs.length === 0 ? 'Any order' : 'As found above' },
      { value: 'own', label: 'Choose what each of them needs' },
    ]
    const way = await answered(select({ ...this.#common, message, options }))
    return way === 'own' ? this.#askEach(repositories, proposal) : way === null ? null : 'proposed'
  }

  async askBranches(initial: readonly string[]): Promise<readonly string[] | null> {
    const message = 'Which branches are coordinated changes? Patterns, separated by commas.'
    const validate = (value = ''): string | undefined => patternsProblem(splitList(value))
    const patterns = await answered(text({ ...this.#common, message, initialValue: initial.join(', '), validate }))
    return patterns === null ? null : splitList(patterns)
  }

  /** The needs of each repository; those that were found are chosen already. */
  async #askEach(repositories: readonly RepoName[], { needs }: SplitNeeds): Promise<ChosenNeeds | null> {
    const found = (repo: RepoName): RepoName[] =>
      needs.filter(({ dependent }) => dependent === repo).map(({ needed }) => needed)
    const dependents = repositories.filter((repo) => found(repo).length > 0)
    const chosen = await this.#choose('Which of them are built after others?', repositories, dependents)
    if (chosen === null) return null
    const answers = new Map<RepoName, readonly RepoName[]>()
    for (const repo of chosen) {
      const others = repositories.filter((each) => each !== repo)
      const before = await this.#choose(`What must be built before ${sanitize(repo)}?`, others, found(repo))
      if (before === null) return null
      answers.set(repo, before)
    }
    return answers
  }

  #choose(message: string, names: readonly RepoName[], chosen: readonly RepoName[]): Promise<RepoName[] | null> {
    const options = names.map(toOption)
    const initialValues = [...chosen]
    return answered(multiselect({ ...this.#common, message, options, initialValues, required: false, maxItems }))
  }

  /** A question must not come before the text that it is about. */
  async #show(shown: string): Promise<void> {
    this.#messages.stdout.write(shown)
    await this.#messages.stdout.flush()
  }
}

function toOption(repo: RepoName): { value: RepoName; label: string } {
  return { value: repo, label: sanitize(repo) }
}

/** Null: the user stopped. */
async function answered<T>(answer: Promise<T | typeof CANCEL_SYMBOL>): Promise<T | null> {
  const value = await answer
  return isCancel(value) ? null : value
}

function patternsProblem(patterns: readonly string[]): string | undefined {
  if (!patterns.some((pattern) => !pattern.startsWith('!'))) return 'Write at least one pattern without a leading !'
  for (const pattern of patterns) {
    const compiled = compilePattern(pattern)
    if (!compiled.ok) return `${pattern}: ${compiled.problem}`
  }
  return undefined
}
