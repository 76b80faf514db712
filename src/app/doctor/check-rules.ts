import type { RequiredStatus } from '../../model/branch-rules.js'
import type { RepositoryRead } from '../../model/change.js'
import type { Check } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { listed } from '../../lib/listed.js'
import type { DoctorHost } from './doctor-host.js'
import { concluded, failureFinding, found, ok } from './findings.js'
import type { Finding } from './findings.js'

const guide = 'docs/github-setup.md'

/** The identity that posts our statuses. */
export interface Poster {
  /** null: GitHub does not name it. */
  login: string | null
  /** The id of the GitHub App; null: it is not an App, or GitHub does not name it. */
  appId: Read<number | null>
}

export interface RuleChecksOptions {
  host: DoctorHost
  graph: Graph
  poster: Poster
}

/** Whether the default branch is locked by our status, by whom it could be unlocked, and what else merges pull requests. */
export async function checkRules(options: RuleChecksOptions, reading: RepositoryRead): Promise<Check[]> {
  const { host, graph } = options
  const { repo, defaultBranch } = reading
  const [rules, autoMerge] = await Promise.all([host.readBranchRules(repo, defaultBranch), checkAutoMerge(host, repo)])
  if (!rules.ok) return [found('ruleset', failureFinding(rules.failure), repo), autoMerge]
  const { requiredStatuses, hasMergeQueue } = rules.value
  const context = graph.statusContext.toLowerCase()
  const required = requiredStatuses.filter((each) => each.context.toLowerCase() === context)
  return [
    await checkRuleset(options, reading, required),
    ...(required.length === 0 ? [] : [checkAuthor(options, repo, required)]),
    checkMergeQueue(graph, repo, hasMergeQueue && required.length > 0),
    autoMerge,
  ]
}

async function checkRuleset(
  { host, graph: { statusContext } }: RuleChecksOptions,
  { repo, defaultBranch }: RepositoryRead,
  required: readonly RequiredStatus[],
): Promise<Check> {
  if (required.length === 0) {
    const message = `no active rule of ${defaultBranch} requires ${statusContext}, so pull requests can be merged one by one`
    const fix = `orch setup adds a ruleset that requires it. By hand: see "Require the status" in ${guide}.`
    return found('ruleset', { status: 'failed', message, fix }, repo)
  }
  const rulesets = [...new Set(required.flatMap(({ rulesetId }) => rulesetId ?? []))]
  const actors = await Promise.all(rulesets.map((id) => host.readBypassActors(repo, id)))
  const findings = actors.flatMap((read): Finding[] => {
    if (!read.ok) return [failureFinding(read.failure)]
    if (read.value === null || read.value.length === 0) return []
    const message = `${statusContext} is required, but ${listed(read.value)} may merge without it`
    return [{ status: 'warning', message, fix: 'Empty the bypass list of the ruleset.' }]
  })
  const isHidden = actors.some((read) => read.ok && read.value === null)
  const note = isHidden ? ' (GitHub shows who may bypass that only to its administrators)' : ''
  return concluded('ruleset', repo, findings, `${defaultBranch} requires ${statusContext}${note}`)
}

/** A rule that is pinned to an App counts only the statuses of that App; any other counts those of everybody who may write. */
function checkAuthor(
  { graph: { statusContext }, poster }: RuleChecksOptions,
  repo: RepoName,
  required: readonly RequiredStatus[],
): Check {
  const apps = [...new Set(required.flatMap(({ appId }) => appId ?? []))]
  if (apps.length === 0) {
    const message = `everybody with push access, and every App with Commit statuses: write, can post ${statusContext}`
    const fix = `To keep others from unlocking pull requests, let a GitHub App post it and pin the rule to the App: ${guide}.`
    return found('status-author', { status: 'warning', message, fix }, repo)
  }
  const { appId, login } = poster
  if (!appId.ok) return found('status-author', failureFinding(appId.failure), repo)
  const others = apps.filter((each) => each !== appId.value)
  if (others.length === 0)
    return ok('status-author', `only the GitHub App of this token can post ${statusContext}`, repo)
  const only = `only the GitHub App ${listed(others.map(String))} can post ${statusContext}`
  if (login === null) {
    const message = `${only}, and GitHub does not name whose this token is`
    return found('status-author', { status: 'unknown', message, fix: 'Check that it is a token of that App.' }, repo)
  }
  const message = `${only}, and this token is of ${login}`
  const fix = 'Run orch with the token of that App, or pin the rule to the App that runs orch.'
  return found('status-author', { status: 'failed', message, fix }, repo)
}

function checkMergeQueue({ statusContext }: Graph, repo: RepoName, isQueued: boolean): Check {
  if (!isQueued) return ok('merge-queue', `no merge queue waits for ${statusContext}`, repo)
  const message = `a merge queue waits for ${statusContext} on a commit of its own, where only orch serve posts it`
  const fix = `Run orch serve with the event merge_group: see "Merge queues" in ${guide}.`
  return found('merge-queue', { status: 'warning', message, fix }, repo)
}

async function checkAutoMerge(host: DoctorHost, repo: RepoName): Promise<Check> {
  const allowed = await host.allowsAutoMerge(repo)
  if (!allowed.ok) return found('auto-merge', failureFinding(allowed.failure), repo)
  if (allowed.value === null) {
    const message = 'only GraphQL shows whether it is allowed, and the server or the token has none'
    return found(
      'auto-merge',
      { status: 'unknown', message, fix: 'Look under Settings, General, Pull Requests.' },
      repo,
    )
  }
  if (!allowed.value) return ok('auto-merge', 'not allowed', repo)
  const message =
    'a pull request with auto-merge is merged as soon as it is unlocked, even if another one of the change cannot be'
  const fix = 'Turn off "Allow auto-merge" under Settings, General, Pull Requests.'
  return found('auto-merge', { status: 'warning', message, fix }, repo)
}
