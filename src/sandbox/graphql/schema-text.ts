/**
 * What the sandbox answers of GitHub's GraphQL schema, written by scripts/extract-graphql-schema.js from @octokit/graphql-schema 15.26.1:
 * to answer more, name it there.
 */
export const schemaText = `interface Actor {
  login: String!
  resourcePath: URI!
  url: URI!
}

type App implements Node {
  databaseId: Int
  id: ID!
  name: String!
  slug: String!
}

type Blob implements GitObject & Node {
  abbreviatedOid: String!
  byteSize: Int!
  id: ID!
  isBinary: Boolean
  isTruncated: Boolean!
  oid: GitObjectID!
  repository: Repository!
  text: String
}

type Bot implements Actor & Node & UniformResourceLocatable {
  createdAt: DateTime!
  databaseId: Int
  id: ID!
  login: String!
  resourcePath: URI!
  url: URI!
}

enum CheckConclusionState {
  ACTION_REQUIRED
  CANCELLED
  FAILURE
  NEUTRAL
  SKIPPED
  STALE
  STARTUP_FAILURE
  SUCCESS
  TIMED_OUT
}

enum CheckStatusState {
  COMPLETED
  IN_PROGRESS
  PENDING
  QUEUED
  REQUESTED
  WAITING
}

type CheckSuite implements Node {
  app: App
  branch: Ref
  commit: Commit!
  conclusion: CheckConclusionState
  createdAt: DateTime!
  databaseId: Int
  id: ID!
  repository: Repository!
  status: CheckStatusState!
  updatedAt: DateTime!
  workflowRun: WorkflowRun
}

type CheckSuiteConnection {
  nodes: [CheckSuite]
  pageInfo: PageInfo!
  totalCount: Int!
}

input CheckSuiteFilter {
  appId: Int
  checkName: String
}

type Commit implements GitObject & Node & UniformResourceLocatable {
  abbreviatedOid: String!
  authoredDate: DateTime!
  checkSuites(after: String, before: String, filterBy: CheckSuiteFilter, first: Int, last: Int): CheckSuiteConnection
  committedDate: DateTime!
  file(path: String!): TreeEntry
  history(after: String, before: String, first: Int, last: Int, path: String): CommitHistoryConnection!
  id: ID!
  message: String!
  messageHeadline: String!
  oid: GitObjectID!
  repository: Repository!
  resourcePath: URI!
  status: Status
  tree: Tree!
  url: URI!
}

type CommitHistoryConnection {
  nodes: [Commit]
  pageInfo: PageInfo!
  totalCount: Int!
}

scalar DateTime

input DequeuePullRequestInput {
  clientMutationId: String
  id: ID!
}

type DequeuePullRequestPayload {
  clientMutationId: String
  mergeQueueEntry: MergeQueueEntry
}

input EnqueuePullRequestInput {
  clientMutationId: String
  expectedHeadOid: GitObjectID
  jump: Boolean
  pullRequestId: ID!
}

type EnqueuePullRequestPayload {
  clientMutationId: String
  mergeQueueEntry: MergeQueueEntry
}

interface GitObject {
  abbreviatedOid: String!
  id: ID!
  oid: GitObjectID!
  repository: Repository!
}

scalar GitObjectID

type HeadRefForcePushedEvent implements Node {
  actor: Actor
  afterCommit: Commit
  beforeCommit: Commit
  createdAt: DateTime!
  id: ID!
  pullRequest: PullRequest!
  ref: Ref
}

input IssueOrder {
  direction: OrderDirection!
  field: IssueOrderField!
}

enum IssueOrderField {
  CREATED_AT
  UPDATED_AT
}

type MergeQueueEntry implements Node {
  baseCommit: Commit
  enqueuedAt: DateTime!
  enqueuer: Actor!
  headCommit: Commit
  id: ID!
  jump: Boolean!
  position: Int!
  pullRequest: PullRequest
  solo: Boolean!
  state: MergeQueueEntryState!
}

enum MergeQueueEntryState {
  AWAITING_CHECKS
  LOCKED
  MERGEABLE
  QUEUED
  UNMERGEABLE
}

enum MergeableState {
  CONFLICTING
  MERGEABLE
  UNKNOWN
}

type Mutation {
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
}

interface Node {
  id: ID!
}

enum OrderDirection {
  ASC
  DESC
}

type Organization implements Actor & Node & RepositoryOwner & UniformResourceLocatable {
  createdAt: DateTime!
  databaseId: Int
  id: ID!
  login: String!
  resourcePath: URI!
  url: URI!
}

type PageInfo {
  endCursor: String
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
}

type PullRequest implements Node & UniformResourceLocatable {
  author: Actor
  baseRef: Ref
  baseRefName: String!
  baseRefOid: GitObjectID!
  baseRepository: Repository
  closed: Boolean!
  closedAt: DateTime
  commits(after: String, before: String, first: Int, last: Int): PullRequestCommitConnection!
  createdAt: DateTime!
  databaseId: Int
  headRef: Ref
  headRefName: String!
  headRefOid: GitObjectID!
  headRepository: Repository
  headRepositoryOwner: RepositoryOwner
  id: ID!
  isCrossRepository: Boolean!
  isDraft: Boolean!
  isInMergeQueue: Boolean!
  isMergeQueueEnabled: Boolean!
  mergeCommit: Commit
  mergeQueueEntry: MergeQueueEntry
  mergeable: MergeableState!
  merged: Boolean!
  mergedAt: DateTime
  number: Int!
  repository: Repository!
  resourcePath: URI!
  state: PullRequestState!
  timelineItems(after: String, before: String, first: Int, itemTypes: [PullRequestTimelineItemsItemType!], last: Int): PullRequestTimelineItemsConnection!
  title: String!
  updatedAt: DateTime!
  url: URI!
}

type PullRequestCommit implements Node & UniformResourceLocatable {
  commit: Commit!
  id: ID!
  pullRequest: PullRequest!
  resourcePath: URI!
  url: URI!
}

type PullRequestCommitConnection {
  nodes: [PullRequestCommit]
  pageInfo: PageInfo!
  totalCount: Int!
}

type PullRequestConnection {
  nodes: [PullRequest]
  pageInfo: PageInfo!
  totalCount: Int!
}

enum PullRequestState {
  CLOSED
  MERGED
  OPEN
}

union PullRequestTimelineItems = HeadRefForcePushedEvent

type PullRequestTimelineItemsConnection {
  filteredCount: Int!
  nodes: [PullRequestTimelineItems]
  pageInfo: PageInfo!
  totalCount: Int!
}

enum PullRequestTimelineItemsItemType {
  HEAD_REF_FORCE_PUSHED_EVENT
}

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  rateLimit: RateLimit
  repository(followRenames: Boolean = true, name: String!, owner: String!): Repository
  viewer: User!
}

type RateLimit {
  cost: Int!
  limit: Int!
  nodeCount: Int!
  remaining: Int!
  resetAt: DateTime!
  used: Int!
}

type Ref implements Node {
  associatedPullRequests(after: String, baseRefName: String, before: String, first: Int, headRefName: String, last: Int, orderBy: IssueOrder, states: [PullRequestState!]): PullRequestConnection!
  id: ID!
  name: String!
  prefix: String!
  repository: Repository!
  target: GitObject
}

type RefConnection {
  nodes: [Ref]
  pageInfo: PageInfo!
  totalCount: Int!
}

type Repository implements Node & UniformResourceLocatable {
  autoMergeAllowed: Boolean!
  createdAt: DateTime!
  databaseId: Int
  defaultBranchRef: Ref
  id: ID!
  isArchived: Boolean!
  isDisabled: Boolean!
  isFork: Boolean!
  isPrivate: Boolean!
  name: String!
  nameWithOwner: String!
  object(expression: String, oid: GitObjectID): GitObject
  owner: RepositoryOwner!
  parent: Repository
  pullRequest(number: Int!): PullRequest
  pullRequests(after: String, baseRefName: String, before: String, first: Int, headRefName: String, last: Int, orderBy: IssueOrder, states: [PullRequestState!]): PullRequestConnection!
  pushedAt: DateTime
  ref(qualifiedName: String!): Ref
  refs(after: String, before: String, first: Int, last: Int, query: String, refPrefix: String!): RefConnection
  resourcePath: URI!
  updatedAt: DateTime!
  url: URI!
  viewerPermission: RepositoryPermission
}

interface RepositoryOwner {
  id: ID!
  login: String!
  resourcePath: URI!
  url: URI!
}

enum RepositoryPermission {
  ADMIN
  MAINTAIN
  READ
  TRIAGE
  WRITE
}

type Status implements Node {
  commit: Commit
  context(name: String!): StatusContext
  contexts: [StatusContext!]!
  id: ID!
  state: StatusState!
}

type StatusContext implements Node {
  commit: Commit
  context: String!
  createdAt: DateTime!
  creator: Actor
  description: String
  id: ID!
  state: StatusState!
  targetUrl: URI
}

enum StatusState {
  ERROR
  EXPECTED
  FAILURE
  PENDING
  SUCCESS
}

type Tree implements GitObject & Node {
  abbreviatedOid: String!
  entries: [TreeEntry!]
  id: ID!
  oid: GitObjectID!
  repository: Repository!
}

type TreeEntry {
  name: String!
  object: GitObject
  oid: GitObjectID!
  path: String
  repository: Repository!
  size: Int!
  type: String!
}

scalar URI

interface UniformResourceLocatable {
  resourcePath: URI!
  url: URI!
}

type User implements Actor & Node & RepositoryOwner & UniformResourceLocatable {
  createdAt: DateTime!
  databaseId: Int
  id: ID!
  login: String!
  resourcePath: URI!
  url: URI!
}

type Workflow implements Node & UniformResourceLocatable {
  createdAt: DateTime!
  databaseId: Int
  id: ID!
  name: String!
  resourcePath: URI!
  state: WorkflowState!
  updatedAt: DateTime!
  url: URI!
}

type WorkflowRun implements Node & UniformResourceLocatable {
  checkSuite: CheckSuite!
  createdAt: DateTime!
  databaseId: Int
  event: String!
  file: WorkflowRunFile
  id: ID!
  resourcePath: URI!
  runNumber: Int!
  updatedAt: DateTime!
  url: URI!
  workflow: Workflow!
}

type WorkflowRunFile implements Node & UniformResourceLocatable {
  id: ID!
  path: String!
  resourcePath: URI!
  run: WorkflowRun!
  url: URI!
}

enum WorkflowState {
  ACTIVE
  DELETED
  DISABLED_FORK
  DISABLED_INACTIVITY
  DISABLED_MANUALLY
}
`
