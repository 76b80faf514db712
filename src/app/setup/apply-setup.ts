import type { Failure } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import type { RepositorySetup, SetupFile, SetupPullRequest, SetupResult } from '../../model/setup.js'
import type { Read } from '../../ports/host/read.js'
import { removalBranch, setupBranch } from './read-setup.js'
import type { SetupHost } from './setup-host.js'

export interface ApplySetupOptions {
  host: SetupHost
  graph: Graph
  /** The only GitHub App whose statuses the ruleset counts; null: all. */
  appId: number | null
  isRemoval: boolean
}

/** Whether something is to be done in a repository. */
export function hasWork({ files, ruleset, closes }: RepositorySetup): boolean {
  return changedFiles(files).length > 0 || ruleset === 'create' || ruleset === 'remove' || closes !== null
}

/**
 * Does what is planned for one repository, one request after the other; the first failure ends it. Doing it again continues where it ended,
 * because what is there is read first.
 */
export async function applySetup(options: ApplySetupOptions, setup: RepositorySetup): Promise<SetupResult> {
  if (!hasWork(setup)) return resultOf(setup, 'unchanged')
  const { repo } = setup
  let pullRequest = setup.pullRequest
  const failure = await firstFailure([
    () => applyRuleset(options, setup),
    () => closeProposal(options, setup),
    async () => {
      if (changedFiles(setup.files).length === 0) return done
      const opened = await propose(options, setup)
      if (opened.ok) pullRequest = opened.value
      return opened
    },
  ])
  return { repo, kind: failure === null ? 'done' : 'failed', setup, pullRequest, failure }
}

/** The result for a repository in which nothing is changed now. */
export function resultOf(setup: RepositorySetup, kind: 'unchanged' | 'planned'): SetupResult {
  return { repo: setup.repo, kind, setup, pullRequest: setup.pullRequest, failure: null }
}

const done: Read<null> = { ok: true, value: null }

async function firstFailure(steps: readonly (() => Promise<Read<unknown>>)[]): Promise<Failure | null> {
  for (const step of steps) {
    const read = await step()
    if (!read.ok) return read.failure
  }
  return null
}

function changedFiles(files: readonly SetupFile[]): SetupFile[] {
  return files.filter(({ step }) => step === 'add' || step === 'remove')
}

async function applyRuleset(
  { host, graph: { statusContext }, appId }: ApplySetupOptions,
  { repo, ruleset, rulesetId }: RepositorySetup,
): Promise<Read<null>> {
  if (ruleset === 'create') {
    return host.createStatusRuleset(repo, { name: statusContext, context: statusContext, appId })
  }
  return ruleset === 'remove' && rulesetId !== null ? host.deleteRuleset(repo, rulesetId) : done
}

/** A removal closes the pull request that would add the files again. */
async function closeProposal({ host }: ApplySetupOptions, { repo, closes }: RepositorySetup): Promise<Read<null>> {
  if (closes === null) return done
  const closed = await host.closePullRequest(repo, closes.number)
  return closed.ok ? host.deleteBranch(repo, setupBranch) : closed
}

/** Commits the files to the branch of ours, and opens its pull request unless one is open. */
async function propose(
  { host, isRemoval }: ApplySetupOptions,
  setup: RepositorySetup,
): Promise<Read<SetupPullRequest>> {
  const { repo, defaultBranch } = setup
  const branch = isRemoval ? removalBranch : setupBranch
  const prepared = await prepareBranch(host, setup, branch)
  if (!prepared.ok) return prepared
  const isFresh = setup.branch !== 'usable'
  for (const { path, step, made, isOnBranch } of changedFiles(setup.files)) {
    if (isOnBranch && !isFresh) continue
    const message = step === 'add' ? `Add ${path}` : `Remove ${path}`
    const file = { repo, branch, path, message }
    const written = step === 'add' ? await host.addFile({ ...file, text: made }) : await host.removeFile(file)
    if (!written.ok) return written
  }
  if (setup.pullRequest !== null) return { ok: true, value: setup.pullRequest }
  return host.openPullRequest({ repo, branch, base: defaultBranch, ...words(isRemoval) })
}

async function prepareBranch(host: SetupHost, setup: RepositorySetup, branch: string): Promise<Read<null>> {
  const { repo, defaultBranchSha } = setup
  if (setup.branch === 'usable') return done
  const removed = setup.branch === 'stale' ? await host.deleteBranch(repo, branch) : done
  return removed.ok ? host.createBranch(repo, branch, defaultBranchSha) : removed
}

function words(isRemoval: boolean): { title: string; body: string } {
  return isRemoval
    ? {
        title: 'Remove the workflows of orch',
        body: '`orch setup --remove` proposes this: nobody has changed these files.',
      }
    : {
        title: 'Let orch build and lock changes',
        body: '`orch setup` proposes these workflows. Each of them says in its first lines what it does, and which secret it needs.',
      }
}
