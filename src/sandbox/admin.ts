import { randomBytes } from 'node:crypto'

import { closePull } from './core/branches.js'
import type { MergeRequest } from './core/pulls.js'
import { changeBase, mergePull, openPull, setDraft } from './core/pulls.js'
import { isLogin } from './core/repositories.js'
import type { Result } from './http/answer.js'
import { isObject } from './http/body.js'
import type { RateLimitResource } from './http/rate-limits.js'
import { AppAdmin } from './app-admin.js'
import type { StateHistory } from './state/history.js'
import type { World } from './world.js'
import type {
  Account,
  CommitStatus,
  PullRequest,
  RepositoryGrant,
  Ruleset,
  RulesetRule,
  WorkflowRun,
} from './state/model.js'

/** The branches of a ruleset, by default the default branch, and whether it is in force. */
export interface RulesetScope {
  include?: string[]
  enforcement?: Ruleset['enforcement']
}

/**
 * Administration without HTTP and without permission checks, for seeding and tests. Repositories are named `owner/name`. Every method throws with a readable
 * message when an argument names something that does not exist, because such a name is a mistake of the caller.
 */
export class SandboxAdmin extends AppAdmin {
  readonly #past: StateHistory

  /** `developer` is the actor of operations that name no other actor. */
  constructor(world: World, developer: Account, past: StateHistory) {
    super(world, developer)
    this.#past = past
  }

  /** Opens a pull request and returns its number. `from` names a fork. `base` defaults to the default branch. */
  async openPull(
    name: string,
    pull: {
      head: string
      from?: string
      base?: string
      title?: string
      body?: string
      draft?: boolean
      author?: string
    },
  ): Promise<number> {
    const base = this.repository(name)
    const opened = await openPull(this.world, base, {
      title: pull.title ?? pull.head,
      body: pull.body ?? null,
      draft: pull.draft ?? false,
      author: this.account(pull.author),
      head: { repository: pull.from === undefined ? base : this.repository(pull.from), branch: pull.head },
      base: pull.base ?? base.defaultBranch,
    })
    return succeeded(opened, `open a pull request of ${pull.head} in ${name}`).number
  }

  closePull(name: string, number: number): void {
    closePull(this.world, this.repository(name), this.#pull(name, number), this.developer)
  }

  /** Makes an open pull request a draft, or marks it ready for review. */
  setDraft(name: string, number: number, isDraft: boolean): void {
    setDraft(this.world, this.repository(name), this.#pull(name, number), { isDraft, actor: this.developer })
  }

  /** Changes the branch that an open pull request merges into. */
  async changeBase(name: string, number: number, base: string): Promise<void> {
    const change = { base, actor: this.developer }
    const changed = await changeBase(this.world, this.repository(name), this.#pull(name, number), change)
    succeeded(changed, `change the base of ${name}#${number}`)
  }

  /** Sets how long GitHub computes whether two commits can be merged, from the first question on. Known results stay known. */
  delayMergeability(ms: number): void {
    this.world.mergeabilityDelayMs = ms
  }

  /** Merges as the API does, including the rules, and returns the SHA of the merge commit. */
  async mergePull(name: string, number: number, options: Partial<Omit<MergeRequest, 'actor'>> = {}): Promise<string> {
    const request = { actor: this.developer, method: 'merge' as const, ...options }
    const merged = await mergePull(this.world, this.repository(name), this.#pull(name, number), request)
    return succeeded(merged, `merge ${name}#${number}`)
  }

  /** Returns a copy of a pull request. */
  pull(name: string, number: number): PullRequest {
    return structuredClone(this.#pull(name, number))
  }

  /** Requires a status context, of one App if `appId` names it, on the default branch or on those that `include` matches. Returns the ID of the ruleset. */
  requireStatus(
    name: string,
    context: string,
    options: RulesetScope & { strict?: boolean; appId?: number } = {},
  ): number {
    const { appId } = options
    const parameters = {
      required_status_checks: [{ context, ...(appId !== undefined && { integration_id: appId }) }],
      strict_required_status_checks_policy: options.strict ?? false,
      do_not_enforce_on_create: false,
    }
    return this.#addRuleset(name, `Require ${context}`, options, { type: 'required_status_checks', parameters })
  }

  /** Requires a merge queue on the default branch, or on the branches that `include` matches. Returns the ID of the ruleset. */
  requireMergeQueue(name: string, options: RulesetScope = {}): number {
    const parameters = {
      check_response_timeout_minutes: 60,
      grouping_strategy: 'ALLGREEN',
      max_entries_to_build: 5,
      max_entries_to_merge: 5,
      merge_method: 'MERGE',
      min_entries_to_merge: 1,
      min_entries_to_merge_wait_minutes: 5,
    }
    return this.#addRuleset(name, 'Merge queue', options, { type: 'merge_queue', parameters })
  }

  #addRuleset(repositoryName: string, name: string, options: RulesetScope, rule: RulesetRule): number {
    const repository = this.repository(repositoryName)
    const now = this.world.clock.now()
    const ruleset: Ruleset = {
      id: this.world.directory.newId(),
      name,
      target: 'branch',
      enforcement: options.enforcement ?? 'active',
      bypassActors: [],
      include: options.include ?? ['~DEFAULT_BRANCH'],
      exclude: [],
      rules: [rule],
      createdAt: now,
      updatedAt: now,
    }
    repository.rulesets.set(ruleset.id, ruleset)
    this.world.changed(repository)
    return ruleset.id
  }

  /** Adds a user or an organization. */
  createAccount(login: string, type: Account['type'] = 'User'): void {
    if (!isLogin(login)) throw new Error(`${JSON.stringify(login)} is not a login that GitHub would take`)
    if (this.world.directory.account(login) !== undefined) throw new Error(`there already is an account ${login}`)
    this.world.directory.addAccount(login, type, this.world.clock.now())
    this.world.changed()
  }

  /**
   * Creates a token of a user and returns it. The user is created if it does not exist. `grants` lists permissions by repository, and `*` covers all others.
   * Without `grants` the token has the permissions of its owner, who is made an administrator of every repository unless a role was set before.
   */
  createToken(login: string, grants?: Record<string, RepositoryGrant>): string {
    const { directory, clock } = this.world
    const account = directory.account(login) ?? directory.addAccount(login, 'User', clock.now())
    if (grants === undefined && !this.hasRole(account)) account.baseRole = 'admin'
    const lowerCaseGrants = Object.entries(grants ?? {}).map(([name, grant]) => [name.toLowerCase(), grant] as const)
    const value = `github_pat_sandbox_${randomBytes(16).toString('hex')}`
    directory.state.tokens.set(value, {
      value,
      accountId: account.id,
      grants: grants === undefined ? null : Object.fromEntries(lowerCaseGrants),
    })
    this.world.changed()
    return value
  }

  revokeToken(value: string): void {
    this.world.directory.state.tokens.delete(value)
    this.world.changed()
  }

  /** Enables or disables a workflow that the sandbox has read on the default branch. */
  setWorkflowState(name: string, path: string, state: 'active' | 'disabled_manually'): void {
    const repository = this.repository(name)
    const workflow = repository.workflows.get(path)
    if (workflow === undefined) throw new Error(`${name} has no workflow ${path} that was ever listed or dispatched`)
    workflow.state = state
    this.world.changed(repository)
  }

  /** Returns the statuses of a commit, oldest first, each with the login of its creator. */
  statuses(name: string, sha: string): (CommitStatus & { creator: string })[] {
    const { directory } = this.world
    return (this.repository(name).statuses.get(sha) ?? []).map((status) => ({
      ...status,
      creator: directory.accountById(status.creatorId).login,
    }))
  }

  /** Returns copies of the workflow runs of a repository, or of all repositories, oldest first. */
  runs(name?: string): (WorkflowRun & { repository: string })[] {
    const { directory } = this.world
    const repositories = name === undefined ? [...directory.state.repositories.values()] : [this.repository(name)]
    return repositories
      .flatMap((repository) => repository.runIds)
      .sort((a, b) => a - b)
      .flatMap((id) => directory.state.runs.get(id) ?? [])
      .map((run) => {
        const repository = directory.state.repositories.get(run.repositoryId)
        return { ...structuredClone(run), repository: repository === undefined ? '' : directory.fullName(repository) }
      })
  }

  /** Returns the log of a workflow job, or null. */
  log(jobId: number): string[] | null {
    return this.world.logs.read(jobId)
  }

  /** Starts another attempt of a completed run, as "Re-run all jobs" does, or with `failedOnly` as "Re-run failed jobs" does. */
  rerun(runId: number, failedOnly = false): void {
    const run = this.world.directory.state.runs.get(runId)
    if (run === undefined) throw new Error(`there is no workflow run ${runId}`)
    this.world.runs.start(run, this.developer, failedOnly)
  }

  /**
   * Sets the primary rate limit of a user, or with null of unauthenticated requests: the remaining requests, the interval in ms after which the limit resets
   * (default: one hour), and the status of the response once the limit is exhausted (default: 403). GraphQL has a separate limit and reports its exhaustion in
   * the body of a 200 response.
   */
  setRateLimit(
    login: string | null,
    limit: number,
    remaining = limit,
    options: { resetMs?: number; status?: 403 | 429; resource?: RateLimitResource } = {},
  ): void {
    this.world.limits.set(login === null ? null : this.account(login).id, { limit, remaining, ...options })
  }

  /** Discards the recorded earlier states, so that stale reads return the present state, such as after seeding. */
  forgetPast(): void {
    this.#past.forget()
  }

  /** Resolves when no workflow run is queued or in progress. */
  idle(): Promise<void> {
    return this.world.runs.idle()
  }

  #pull(name: string, number: number): PullRequest {
    const pull = this.repository(name).pulls.get(number)
    if (pull === undefined) throw new Error(`${name} has no pull request ${number}`)
    return pull
  }
}

function succeeded<Value>(result: Result<Value>, what: string): Value {
  if (result.ok) return result.value
  const { body, status } = result.answer
  const message = isObject(body) ? JSON.stringify({ message: body.message, errors: body.errors }) : ''
  throw new Error(`could not ${what}: ${status} ${message}`)
}
