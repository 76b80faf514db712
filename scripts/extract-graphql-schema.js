// Writes src/sandbox/graphql/schema-text.ts: the types, fields and arguments of GitHub's published GraphQL schema (npm package @octokit/graphql-schema)
// that the sandbox supports. A query for anything else is refused as invalid, so it never gets a wrong answer.
//
//   node scripts/extract-graphql-schema.js           writes the file
//   node scripts/extract-graphql-schema.js --print   prints it instead
import { readFileSync, writeFileSync } from 'node:fs'

import { Kind, parse, print, visit } from 'graphql'

const PACKAGE = '@octokit/graphql-schema'
const FOLDER = new URL('./', import.meta.resolve(PACKAGE))
const OUTPUT = new URL('../src/sandbox/graphql/schema-text.ts', import.meta.url)

const PAGE = '(after before first last)'
const PULLS = '(after baseRefName before first headRefName last orderBy states)'

/** Fields of each object, interface and input type, with the supported arguments. */
const FIELDS = {
  Mutation: 'dequeuePullRequest(input) enqueuePullRequest(input)',
  Query: 'viewer rateLimit repository(owner name followRenames) node(id) nodes(ids)',
  RateLimit: 'cost limit nodeCount remaining resetAt used',
  PageInfo: 'endCursor hasNextPage hasPreviousPage startCursor',

  Node: 'id',
  Actor: 'login resourcePath url',
  GitObject: 'abbreviatedOid id oid repository',
  RepositoryOwner: 'id login resourcePath url',
  UniformResourceLocatable: 'resourcePath url',

  User: 'createdAt databaseId id login resourcePath url',
  Organization: 'createdAt databaseId id login resourcePath url',
  Bot: 'createdAt databaseId id login resourcePath url',
  App: 'databaseId id name slug',

  Repository: `autoMergeAllowed createdAt databaseId defaultBranchRef id isArchived isDisabled isFork isPrivate name nameWithOwner object(expression oid) owner parent
    pullRequest(number) pullRequests${PULLS} pushedAt ref(qualifiedName)
    refs(after before first last query refPrefix) resourcePath updatedAt url viewerPermission`,
  RefConnection: 'nodes pageInfo totalCount',
  Ref: `associatedPullRequests${PULLS} id name prefix repository target`,

  Commit: `abbreviatedOid authoredDate checkSuites(after before filterBy first last) committedDate file(path) history(after before first last path) id message
    messageHeadline oid repository resourcePath status tree url`,
  CommitHistoryConnection: 'nodes pageInfo totalCount',
  Blob: 'abbreviatedOid byteSize id isBinary isTruncated oid repository text',
  Tree: 'abbreviatedOid entries id oid repository',
  TreeEntry: 'name object oid path repository size type',
  Status: 'commit context(name) contexts id state',
  StatusContext: 'commit context createdAt creator description id state targetUrl',

  CheckSuiteFilter: 'appId checkName',
  CheckSuiteConnection: 'nodes pageInfo totalCount',
  CheckSuite: 'app branch commit conclusion createdAt databaseId id repository status updatedAt workflowRun',
  WorkflowRun: 'checkSuite createdAt databaseId event file id resourcePath runNumber updatedAt url workflow',
  WorkflowRunFile: 'id path resourcePath run url',
  Workflow: 'createdAt databaseId id name resourcePath state updatedAt url',

  IssueOrder: 'direction field',
  PullRequestConnection: 'nodes pageInfo totalCount',
  PullRequest: `author baseRef baseRefName baseRefOid baseRepository closed closedAt commits${PAGE} createdAt databaseId headRef headRefName headRefOid headRepository
    headRepositoryOwner id isCrossRepository isDraft isInMergeQueue isMergeQueueEnabled mergeable merged mergeCommit mergedAt mergeQueueEntry number repository resourcePath state
    timelineItems(after before first itemTypes last) title updatedAt url`,
  PullRequestCommitConnection: 'nodes pageInfo totalCount',
  PullRequestCommit: 'commit id pullRequest resourcePath url',
  PullRequestTimelineItemsConnection: 'filteredCount nodes pageInfo totalCount',
  EnqueuePullRequestInput: 'clientMutationId expectedHeadOid jump pullRequestId',
  EnqueuePullRequestPayload: 'clientMutationId mergeQueueEntry',
  DequeuePullRequestInput: 'clientMutationId id',
  DequeuePullRequestPayload: 'clientMutationId mergeQueueEntry',
  MergeQueueEntry: 'baseCommit enqueuedAt enqueuer headCommit id jump position pullRequest solo state',
  HeadRefForcePushedEvent: 'actor afterCommit beforeCommit createdAt id pullRequest ref',
}

/** Values of each enumeration, and members of each union; `*` means all. */
const MEMBERS = {
  CheckConclusionState: '*',
  CheckStatusState: '*',
  IssueOrderField: 'CREATED_AT UPDATED_AT',
  MergeQueueEntryState: '*',
  MergeableState: '*',
  OrderDirection: '*',
  PullRequestState: '*',
  PullRequestTimelineItems: 'HeadRefForcePushedEvent',
  PullRequestTimelineItemsItemType: 'HEAD_REF_FORCE_PUSHED_EVENT',
  RepositoryPermission: '*',
  StatusState: '*',
  WorkflowState: '*',
}

const SCALARS = new Set(['DateTime', 'GitObjectID', 'URI'])

/** Returns the names of the arguments of each field, by the name of the field. */
function wantedFields(type) {
  const wanted = new Map()
  for (const [, field, names = ''] of FIELDS[type].matchAll(/(\w+)(?:\(([\w\s]*)\))?/g)) {
    wanted.set(field, names.split(/\s+/).filter(Boolean))
  }
  return wanted
}

/** Returns the nodes with the given names. Throws if any is missing. */
function pick(nodes, names, where) {
  const picked = nodes.filter(({ name }) => names.includes(name.value))
  const missing = names.filter((name) => !nodes.some((node) => node.name.value === name))
  if (missing.length > 0) throw new Error(`GitHub's schema has no ${where} ${missing.join(', ')}`)
  return picked
}

function extractFields(definition) {
  const type = definition.name.value
  const wanted = wantedFields(type)
  const fields = pick(definition.fields, [...wanted.keys()], `field of ${type}:`).map((field) => {
    const place = `argument of ${type}.${field.name.value}:`
    return field.arguments === undefined
      ? field
      : { ...field, arguments: pick(field.arguments, wanted.get(field.name.value), place) }
  })
  // An interface is omitted if any of its fields is not selected, such as the id of Query.
  const interfaces = definition.interfaces?.filter(({ name }) => {
    return name.value in FIELDS && [...wantedFields(name.value).keys()].every((field) => wanted.has(field))
  })
  return { ...definition, fields, ...(interfaces !== undefined && { interfaces }) }
}

function extractMembers(definition) {
  const name = definition.name.value
  const wanted = MEMBERS[name].split(/\s+/)
  const list = definition.kind === Kind.UNION_TYPE_DEFINITION ? 'types' : 'values'
  if (wanted[0] === '*') return definition
  const named = definition[list].map((node) => (list === 'types' ? { ...node, value: node.name.value } : node))
  return { ...definition, [list]: pick(named, wanted, `member of ${name}:`) }
}

function extractDefinition(definition) {
  const name = definition.name?.value
  if (definition.kind === Kind.SCALAR_TYPE_DEFINITION) return SCALARS.has(name) ? definition : null
  if (name in FIELDS) return extractFields(definition)
  return name in MEMBERS ? extractMembers(definition) : null
}

function extract(text) {
  const plain = visit(parse(text, { noLocation: true }), {
    enter: (node) => {
      if (node.kind === Kind.DIRECTIVE || node.kind === Kind.DIRECTIVE_DEFINITION) return null
      return node.description === undefined ? undefined : { ...node, description: undefined }
    },
  })
  const definitions = plain.definitions.map(extractDefinition).filter((definition) => definition !== null)
  const found = new Set(definitions.map(({ name }) => name.value))
  const missing = [...Object.keys(FIELDS), ...Object.keys(MEMBERS), ...SCALARS].filter((name) => !found.has(name))
  if (missing.length > 0) throw new Error(`GitHub's schema has no ${missing.join(', ')}`)
  return print({ ...plain, definitions })
}

const { version } = JSON.parse(readFileSync(new URL('package.json', FOLDER), 'utf8'))
const schema = extract(readFileSync(new URL('schema.graphql', FOLDER), 'utf8'))
const file = `/**
 * What the sandbox answers of GitHub's GraphQL schema, written by scripts/extract-graphql-schema.js from ${PACKAGE} ${version}:
 * to answer more, name it there.
 */
export const schemaText = \`${schema}
\`
`
if (process.argv.includes('--print')) process.stdout.write(file)
else writeFileSync(OUTPUT, file)
