import { GraphQLError } from 'graphql'
import { fullName, repositoryUrl, runUrl } from './payload.js'
import { branch, login, shaOf, textOf, timeText } from './world.js'
import type { CommitStatus, Repository, Run, World } from './world.js'

/** An object of the schema: each field is a value or a function of the field's arguments. */
export type Resolved = Record<string, unknown>

interface Window {
  first?: number | null
  last?: number | null
}

const actor: Resolved = { __typename: 'User', id: 'U_1', login, url: `https://github.com/${login}` }

export function repositoryNode(world: World, repository: Repository): Resolved {
  return {
    __typename: 'Repository',
    id: `R_${repository.id}`,
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(repository),
    owner: { __typename: 'Organization', id: 'O_2', login: repository.owner },
    url: repositoryUrl(repository),
    isArchived: false,
    isDisabled: false,
    isFork: false,
    isPrivate: false,
    isEmpty: false,
    viewerPermission: 'WRITE',
    defaultBranchRef: () => refNode(world, repository, 'main'),
    ref: ({ qualifiedName }: { qualifiedName: string }) => refNode(world, repository, qualifiedName),
    object: (args: { oid?: string; expression?: string }) => objectNode(world, repository, args),
    pullRequests: (args: Window & { headRefName?: string | null; states?: readonly string[] | null }) =>
      connection(isOfBranch(args.headRefName) && isOpen(args.states) ? pullRequests(world, repository) : [], args),
    refs: (args: Window & { query?: string | null }) => connection(refsLike(world, repository, args.query ?? ''), args),
  }
}

function refsLike(world: World, repository: Repository, part: string): Resolved[] {
  const nodes = ['main', branch].map((name) => (name.includes(part) ? refNode(world, repository, name) : null))
  return nodes.filter((node) => node !== null)
}

/** Every pull request of the stub is open. */
function isOpen(states: readonly string[] | null | undefined): boolean {
  return states === null || states === undefined || states.includes('OPEN')
}

function isOfBranch(headRefName: string | null | undefined): boolean {
  return (headRefName ?? branch) === branch
}

function refNode(world: World, repository: Repository, ref: string): Resolved | null {
  const sha = world.headOf(repository, ref)
  if (sha === null) return null
  const name = ref.replace(/^refs\/heads\/|^heads\//u, '')
  return {
    __typename: 'Ref',
    id: `REF_${repository.id}_${name}`,
    name,
    prefix: 'refs/heads/',
    repository: () => repositoryNode(world, repository),
    target: () => commitNode(world, repository, sha),
    associatedPullRequests: (args: Window) => connection(name === branch ? pullRequests(world, repository) : [], args),
  }
}

/** Finds a commit, or a file at a commit (`<branch or SHA>:<path>`). */
function objectNode(
  world: World,
  repository: Repository,
  { oid, expression = '' }: { oid?: string; expression?: string },
): Resolved | null {
  const [commit = '', path] = oid === undefined ? expression.split(/:(.*)/su, 2) : [oid]
  const sha = world.commitOf(repository, commit === 'HEAD' ? 'main' : commit)
  if (sha === null) return null
  return path === undefined ? commitNode(world, repository, sha) : blobNode(path)
}

function blobNode(path: string): Resolved | null {
  const text = textOf(path)
  if (text === null) return null
  const oid = shaOf(text)
  return { __typename: 'Blob', id: `B_${oid}`, oid, text, byteSize: text.length, isBinary: false, isTruncated: false }
}

function treeEntryNode(path: string): Resolved | null {
  const blob = blobNode(path)
  if (blob === null) return null
  const { oid, byteSize } = blob
  return { path, name: path.split('/').at(-1), type: 'blob', mode: 0o100644, oid, size: byteSize, object: blob }
}

function commitNode(world: World, repository: Repository, sha: string): Resolved {
  const runs = (): Run[] => repository.runs.filter(({ headSha }) => headSha === sha)
  return {
    __typename: 'Commit',
    id: `C_${sha}`,
    oid: sha,
    url: `${repositoryUrl(repository)}/commit/${sha}`,
    message: 'a commit',
    committedDate: '2026-01-02T03:04:05Z',
    repository: () => repositoryNode(world, repository),
    file: ({ path }: { path: string }) => treeEntryNode(path),
    status: () => statusNode(world, repository, sha),
    checkSuites: (args: Window) =>
      connection(
        runs().map((run) => checkSuiteNode(world, run)),
        args,
      ),
    associatedPullRequests: (args: Window) =>
      connection(sha === repository.headSha ? pullRequests(world, repository) : [], args),
    history: (args: Window) => connection([commitNode(world, repository, sha)], args),
  }
}

/** Returns the combined status; null if no status was posted. */
function statusNode(world: World, repository: Repository, sha: string): Resolved | null {
  const newest = world.newestStatuses(repository, sha)
  if (newest.length === 0) return null
  const states = newest.map(({ state }) => state.toUpperCase())
  const worst = ['ERROR', 'FAILURE', 'PENDING', 'SUCCESS'].find((state) => states.includes(state))
  return {
    __typename: 'Status',
    id: `S_${sha}`,
    state: worst,
    context: ({ name }: { name: string }) => {
      const status = newest.find(({ context }) => context.toLowerCase() === name.toLowerCase())
      return status ? statusContextNode(status) : null
    },
    contexts: newest.map(statusContextNode),
  }
}

function statusContextNode(status: CommitStatus): Resolved {
  return {
    __typename: 'StatusContext',
    id: `SC_${status.id}`,
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.targetUrl,
    createdAt: timeText(status.createdAt),
    creator: actor,
  }
}

function pullRequests(world: World, repository: Repository): Resolved[] {
  const { headSha } = repository
  if (headSha === null) return []
  return [
    {
      __typename: 'PullRequest',
      id: `PR_${repository.id}`,
      number: repository.pullNumber,
      url: `${repositoryUrl(repository)}/pull/${repository.pullNumber}`,
      title: `${branch}: change ${repository.name}`,
      state: 'OPEN',
      merged: false,
      closed: false,
      isDraft: false,
      mergeable: 'MERGEABLE',
      isMergeQueueEnabled: false,
      isCrossRepository: false,
      headRefName: branch,
      headRefOid: headSha,
      baseRefName: 'main',
      baseRefOid: repository.mainSha,
      author: actor,
      createdAt: '2026-01-02T03:04:05Z',
      updatedAt: '2026-01-02T03:04:05Z',
      mergedAt: null,
      closedAt: null,
      repository: () => repositoryNode(world, repository),
      headRepository: () => repositoryNode(world, repository),
      headRef: () => refNode(world, repository, branch),
      commits: (args: Window) => connection([{ commit: () => commitNode(world, repository, headSha) }], args),
      timelineItems: (args: Window) => connection([], args),
    },
  ]
}

function checkSuiteNode(world: World, run: Run): Resolved {
  const { status, conclusion, updatedAt } = world.stateOf(run)
  return {
    __typename: 'CheckSuite',
    id: `CS_${run.id}`,
    status: status.toUpperCase(),
    conclusion: conclusion?.toUpperCase() ?? null,
    createdAt: timeText(run.createdAt),
    updatedAt: timeText(updatedAt),
    app: { __typename: 'App', id: 'A_15368', slug: 'github-actions', name: 'GitHub Actions' },
    branch: () => refNode(world, run.repository, run.branch),
    commit: () => commitNode(world, run.repository, run.headSha),
    repository: () => repositoryNode(world, run.repository),
    workflowRun: () => runNode(world, run),
  }
}

function runNode(world: World, run: Run): Resolved {
  const path = `.github/workflows/${run.workflow}`
  const resourcePath = `/${fullName(run.repository)}/actions/workflows/${run.workflow}`
  return {
    __typename: 'WorkflowRun',
    id: `WFR_${run.id}`,
    databaseId: () => {
      throw new GraphQLError(`Int cannot represent non 32-bit signed integer value: ${run.id}`)
    },
    url: runUrl(run),
    resourcePath: new URL(runUrl(run)).pathname,
    runNumber: 1,
    event: 'workflow_dispatch',
    createdAt: timeText(run.createdAt),
    updatedAt: timeText(world.stateOf(run).updatedAt),
    checkSuite: () => checkSuiteNode(world, run),
    file: { __typename: 'WorkflowRunFile', id: `WRF_${run.id}`, path },
    workflow: {
      __typename: 'Workflow',
      id: `W_${run.repository.id}`,
      databaseId: run.repository.id,
      name: 'build',
      state: 'ACTIVE',
      resourcePath,
      url: `https://github.com${resourcePath}`,
    },
  }
}

/** Finds the object that `node(id:)` returns. */
export function nodeOf(world: World, id: string): Resolved {
  const [kind, number] = [id.slice(0, id.indexOf('_')), Number(id.slice(id.indexOf('_') + 1))]
  const run = kind === 'WFR' || kind === 'CS' ? world.run(number) : undefined
  if (run) return kind === 'WFR' ? runNode(world, run) : checkSuiteNode(world, run)
  const repository = world.repositories.find((each) => each.id === number)
  if (repository && kind === 'R') return repositoryNode(world, repository)
  const message = `Could not resolve to a node with the global id of '${id}'`
  throw new GraphQLError(message, { extensions: { type: 'NOT_FOUND' } })
}

function connection(nodes: readonly Resolved[], { first, last }: Window): Resolved {
  const size = first ?? last
  if (size === null || size === undefined) {
    const message = 'You must provide a `first` or `last` value to properly paginate the connection.'
    throw new GraphQLError(message, { extensions: { type: 'MISSING_PAGINATION_BOUNDARIES' } })
  }
  const shown = typeof first === 'number' ? nodes.slice(0, size) : nodes.slice(-size)
  const isCut = shown.length < nodes.length
  return {
    totalCount: nodes.length,
    nodes: shown,
    edges: shown.map((node, index) => ({ cursor: String(index), node })),
    pageInfo: {
      hasNextPage: isCut && typeof first === 'number',
      hasPreviousPage: isCut && typeof first !== 'number',
      startCursor: shown.length > 0 ? '0' : null,
      endCursor: shown.length > 0 ? String(shown.length - 1) : null,
    },
  }
}
