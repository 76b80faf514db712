import { splitRepo, type RepoName } from '../../../model/repo-name.js'
import type { ChangeQuery } from '../../../ports/host/changes.js'
import { caselessPart } from '../case-variants.js'
import type { Variables } from '../../graphql/endpoint.js'

export interface QueryText {
  query: string
  variables: Variables
}

type Asked = ChangeQuery['repositories'][number]

/** The optional parts of a reading. */
export interface ChangeExtras {
  /** All statuses of the heads, and the history of their pull requests. */
  isPlanning: boolean
  /** Whether the pull requests of the branch could be merged. */
  mergeability: boolean
  /** The ended pull requests of the branch, and branches that differ from it only in case. */
  membership: boolean
  /** The runs of the heads: for a token that may see checks. */
  runs: boolean
  /** The token's own user. */
  viewer: boolean
}

/** One alias for each repository, in order. */
export function aliasOf(index: number): string {
  return `r${index}`
}

/**
 * One query for several repositories. Names, branch and paths are variables and never part of the text: only its aliases and
 * the number of workflow files vary.
 */
export function changeQuery(query: ChangeQuery, repositories: readonly Asked[], extras: ChangeExtras): QueryText {
  const paths = [...new Set(repositories.flatMap(({ workflows }) => workflows))]
  const declared = [
    '$ref: String!',
    ...(namesBranch(extras) ? ['$branch: String!'] : []),
    ...(extras.membership ? ['$like: String'] : []),
    '$context: String!',
    ...paths.map((_, index) => `$p${index}: String!`),
    ...repositories.map((_, index) => `$o${index}: String!, $n${index}: String!`),
  ]
  const aliases = repositories.map(({ workflows }, index) => repositoryText(index, fileText(workflows, paths)))
  const viewer = extras.viewer ? ['  viewer { login }'] : []
  return {
    query: [
      `query ReadChange(${declared.join(', ')}) {`,
      ...viewer,
      ...aliases,
      '}',
      ...fragments(extras, paths.length > 0),
    ].join('\n'),
    variables: {
      ref: `refs/heads/${query.branch}`,
      ...(namesBranch(extras) ? { branch: query.branch } : {}),
      ...(extras.membership ? { like: caselessPart(query.branch) } : {}),
      context: query.statusContext,
      ...Object.fromEntries(paths.map((path, index) => [`p${index}`, `.github/workflows/${path}`])),
      ...namesVariables(repositories),
    },
  }
}

function namesBranch({ isPlanning, mergeability, membership }: ChangeExtras): boolean {
  return isPlanning || mergeability || membership
}

/** The variables `o<index>` and `n<index>` of each repository. */
export function namesVariables(repositories: readonly { repo: RepoName }[]): Variables {
  const entries = repositories.flatMap(({ repo }, index) => {
    const { owner, name } = splitRepo(repo)
    return [
      [`o${index}`, owner],
      [`n${index}`, name],
    ] as const
  })
  return Object.fromEntries(entries)
}

function repositoryText(index: number, files: string): string {
  const opened = `  ${aliasOf(index)}: repository(owner: $o${index}, name: $n${index}, followRenames: false) { ...Facts`
  if (files === '') return `${opened} }`
  return `${opened} ref(qualifiedName: $ref) { target { ... on Commit { ${files} } } } defaultBranchRef { target { ... on Commit { ${files} } } } }`
}

/** The files as they are at one commit; `f0`, `f1`, … as the repository names them. */
function fileText(workflows: readonly string[], paths: readonly string[]): string {
  return workflows.map((path, index) => `f${index}: file(path: $p${paths.indexOf(path)}) { ...File }`).join(' ')
}

function fragments({ isPlanning, mergeability, membership, runs }: ChangeExtras, hasFiles: boolean): string[] {
  const suites = runs ? ' suites: checkSuites(last: 20) { ...Runs }' : ''
  const statuses = isPlanning ? 'contexts { ...Status }' : 'context(name: $context) { ...Status }'
  const earlier = isPlanning ? [`  earlier: pullRequests(headRefName: $branch, last: 2) { ...Earlier }`] : []
  // Only of the pull requests of the branch, because GitHub computes it for each one that is asked for.
  const own = mergeability
    ? ['  own: pullRequests(headRefName: $branch, states: OPEN, first: 100) { nodes { number mergeable } }']
    : []
  return [
    'fragment Facts on Repository {',
    '  nameWithOwner isArchived',
    `  defaultBranchRef { name target { __typename oid } }`,
    `  ref(qualifiedName: $ref) { prefix name target { __typename oid ... on Commit { status { ${statuses} }${suites} } } }`,
    '  pullRequests(states: OPEN, first: 100) { ...PullRequests }',
    ...own,
    ...earlier,
    ...(membership ? membershipFields : []),
    '}',
    pullRequestsFragment,
    statusFragment,
    ...(runs ? [runsFragment] : []),
    ...(isPlanning ? [earlierFragment] : []),
    ...(hasFiles ? [fileFragment] : []),
  ]
}

/** GitHub's `query` finds a part of a name; whether it ignores case is not documented, so the part has no letters. */
const membershipFields = [
  '  ended: pullRequests(headRefName: $branch, states: [MERGED, CLOSED], last: 20) {',
  '    totalCount nodes { number url state headRefOid baseRefName isCrossRepository headRepository { id } }',
  '  }',
  '  alike: refs(refPrefix: "refs/heads/", query: $like, first: 100) { totalCount nodes { name } }',
]

export const pullRequestsFragment = `fragment PullRequests on PullRequestConnection {
  pageInfo { hasNextPage endCursor }
  nodes { number url title headRefName headRefOid baseRefName isDraft isMergeQueueEnabled isCrossRepository updatedAt headRepository { id } }
}`

export const statusFragment = `fragment Status on StatusContext {
  state context description targetUrl createdAt creator { __typename login }
}`

const runsFragment = `fragment Runs on CheckSuiteConnection {
  nodes { status conclusion workflowRun { url createdAt updatedAt workflow { resourcePath state } } }
}`

/** The fields that prove that the commits of the branch's pull requests are all the heads that it ever had. */
const earlierFragment = `fragment Earlier on PullRequestConnection {
  totalCount
  nodes {
    isCrossRepository
    commits(last: 20) { totalCount nodes { commit { oid status { context(name: $context) { ...Status } } } } }
    timelineItems(itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT], first: 1) { nodes { __typename } }
  }
}`

const fileFragment = `fragment File on TreeEntry {
  object { __typename ... on Blob { text isBinary isTruncated } }
}`
