import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { execute, getOperationAST, getVariableValues, GraphQLError, OperationTypeNode, parse, validate } from 'graphql'

import { remember } from '../../lib/remember.js'
import type { QueryCost } from './cost.js'
import { costOf } from './cost.js'
import { executableSchema } from './executable-schema.js'
import type { QueryContext } from './fields.js'
import { QueryError } from './query-error.js'

const MAX_NODES = 500_000

/** Clients send a few texts with different variables, and often the same request, so that few documents serve most requests. */
const MAX_KNOWN = 100

/** An unvalidated GraphQL request. */
export interface QueryRequest {
  query: string
  operationName: string | null
  variables: Record<string, unknown>
}

/** A valid query with its cost. */
export interface PreparedQuery {
  document: DocumentNode
  operation: OperationDefinitionNode
  request: QueryRequest
  cost: QueryCost
}

/** The JSON of a response. */
export interface QueryAnswer {
  data?: unknown
  errors?: unknown[]
}

type Preparation = { ok: true; query: PreparedQuery } | { ok: false; answer: QueryAnswer }

/** Parses and validates a query. For an invalid query it returns a response with errors and without data. */
export function prepareQuery(request: QueryRequest): Preparation {
  return preparationOf(JSON.stringify(request))
}

const preparationOf = remember(MAX_KNOWN, (text) => prepare(JSON.parse(text) as QueryRequest))

function prepare(request: QueryRequest): Preparation {
  const schema = executableSchema()
  const valid = validDocument(request.query)
  if (!valid.ok) return refuse(valid.errors)
  const { document } = valid
  const operation = getOperationAST(document, request.operationName)
  if (operation === null || operation === undefined)
    return refuse([new GraphQLError(operationProblem(request.operationName))])
  if (operation.operation === OperationTypeNode.SUBSCRIPTION)
    return refuse([new GraphQLError(`The sandbox does not support the operation ${operation.operation}.`)])
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables)
  if (variables.coerced === undefined) return refuse(variables.errors)
  const cost = costOf({ schema, document, operation, variables: variables.coerced })
  if (cost.nodeCount > MAX_NODES) return refuse([tooManyNodes(cost.nodeCount)])
  return { ok: true, query: { document, operation, request, cost } }
}

type Validation = { ok: true; document: DocumentNode } | { ok: false; errors: readonly GraphQLError[] }

const validDocument = remember(MAX_KNOWN, parseAndValidate)

function parseAndValidate(text: string): Validation {
  try {
    const document = parse(text)
    const errors = validate(executableSchema(), document)
    return errors.length > 0 ? { ok: false, errors } : { ok: true, document }
  } catch (error) {
    if (error instanceof GraphQLError) return { ok: false, errors: [error] }
    throw error
  }
}

function operationProblem(name: string | null): string {
  return name === null ? 'An operation name is required' : `No operation named "${name}"`
}

function tooManyNodes(count: number): GraphQLError {
  const limit = MAX_NODES.toLocaleString('en-US')
  const problem = `This query requests up to ${count.toLocaleString('en-US')} possible nodes which exceeds the maximum limit of ${limit}.`
  return new GraphQLError(problem, { originalError: new QueryError('MAX_NODE_LIMIT_EXCEEDED', problem) })
}

function refuse(errors: readonly GraphQLError[]): Preparation {
  return { ok: false, answer: { errors: errors.map(presentError) } }
}

/** Executes a query. Throws only defects of the sandbox. */
export async function executeQuery(query: PreparedQuery, context: QueryContext): Promise<QueryAnswer> {
  const { document, request } = query
  const { data, errors = [] } = await execute({
    schema: executableSchema(),
    document,
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName,
  })
  return { data: data ?? null, ...(errors.length > 0 && { errors: errors.map(presentError) }) }
}

/** Returns an error in GitHub's form, with its `type` beside the message. */
function presentError(error: GraphQLError): Record<string, unknown> {
  const { originalError, path, locations, message } = error
  const isKnown = originalError instanceof QueryError
  if (originalError !== undefined && !isKnown && !(originalError instanceof GraphQLError)) throw originalError
  const type = isKnown ? originalError.type : null
  return {
    ...(type !== null && { type }),
    ...(path !== undefined && { path }),
    ...(type === 'FORBIDDEN' && { extensions: { saml_failure: false } }),
    ...(locations !== undefined && { locations }),
    message,
  }
}
