import { schema as source } from '@octokit/graphql-schema'
import { buildSchema, defaultTypeResolver, execute, GraphQLError, Kind, parse, validate } from 'graphql'
import type { DocumentNode, GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { nodeOf, repositoryNode } from './graphql-nodes.js'
import type { Resolved } from './graphql-nodes.js'
import { login } from './world.js'
import type { World } from './world.js'

export interface GraphQLAnswer {
  /** Name of the operation, or `?`. */
  operation: string
  body: object
  /** Fields that the stub does not support. If there are any, the figure is invalid. */
  unanswered: readonly string[]
}

/** GitHub's limit for `nodes(ids:)`. */
const mostIds = 100

let built: GraphQLSchema | null = null
const documents = new Map<string, DocumentNode | readonly GraphQLError[]>()

/** Loads the schema in advance, which takes about a second. Otherwise the first GraphQL request would include that time. */
export function buildGitHubSchema(): GraphQLSchema {
  built ??= buildSchema(source.idl, { assumeValidSDL: true })
  return built
}

/** Executes the body of `POST /graphql` against GitHub's public schema. */
export async function answerGraphQL(world: World, body: string): Promise<GraphQLAnswer> {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
  const document = check(query)
  if (!('definitions' in document)) return { operation: '?', body: { errors: document.map(problem) }, unanswered: [] }
  const unanswered: string[] = []
  const result = await execute({
    schema: buildGitHubSchema(),
    document,
    rootValue: root(world),
    variableValues: variables ?? {},
    fieldResolver: resolver(unanswered),
    typeResolver: defaultTypeResolver,
  })
  const { data, errors } = result
  return {
    operation: operationOf(document),
    body: { data, ...(errors ? { errors: errors.map(problem) } : {}) },
    unanswered,
  }
}

function check(query: string): DocumentNode | readonly GraphQLError[] {
  const known = documents.get(query)
  if (known) return known
  const checked = parseAndValidate(query)
  documents.set(query, checked)
  return checked
}

function parseAndValidate(query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query)
    const errors = validate(buildGitHubSchema(), document)
    return errors.length > 0 ? errors : document
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return [error]
  }
}

function operationOf(document: DocumentNode): string {
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)
  return operation?.name?.value ?? '?'
}

/** Formats an error like GitHub, with its type beside the message. */
function problem({ message, path, locations, extensions }: GraphQLError): object {
  return { ...extensions, ...(path ? { path } : {}), ...(locations ? { locations } : {}), message }
}

function resolver(unanswered: string[]): GraphQLFieldResolver<unknown, unknown> {
  return (parent, args, _context, { fieldName, parentType }) => {
    const value = (parent as Resolved)[fieldName]
    if (value === undefined) {
      unanswered.push(`${parentType.name}.${fieldName}`)
      throw new GraphQLError(`the stub does not answer ${parentType.name}.${fieldName}`)
    }
    return typeof value === 'function' ? (value as (args: unknown) => unknown)(args) : value
  }
}

function root(world: World): Resolved {
  return {
    viewer: { __typename: 'User', id: 'U_1', login, databaseId: 1 },
    rateLimit: () => rateLimit(world),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = world.repository(owner, name)
      if (repository) return repositoryNode(world, repository)
      const message = `Could not resolve to a Repository with the name '${owner}/${name}'.`
      throw new GraphQLError(message, { extensions: { type: 'NOT_FOUND' } })
    },
    node: ({ id }: { id: string }) => nodeOf(world, id),
    nodes: ({ ids }: { ids: string[] }) => {
      if (ids.length <= mostIds) return ids.map((id) => nodeOf(world, id))
      const message = `You may not provide more than ${mostIds} node ids; you provided ${ids.length}.`
      throw new GraphQLError(message, { extensions: { type: 'ARGUMENT_LIMIT' } })
    },
  }
}

function rateLimit(world: World): Resolved {
  const resetAt = new Date(world.now() + 3_600_000).toISOString()
  return { cost: 1, limit: 5_000, remaining: 4_999, used: 1, nodeCount: 1, resetAt }
}
