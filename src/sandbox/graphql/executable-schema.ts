import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { buildSchema, isObjectType } from 'graphql'

import { accountFields } from './account-fields.js'
import { checkSuiteFields, workflowFields, workflowRunFields, workflowRunFileFields } from './action-fields.js'
import { commitFields, statusContextFields, statusFields } from './commit-fields.js'
import { blobFields, treeEntryFields, treeFields } from './content-fields.js'
import type { Field, Fields, QueryContext } from './fields.js'
import { forcePushFields, pullCommitFields, pullFields } from './pull-fields.js'
import { mergeQueueEntryFields, mutationFields } from './merge-queue-fields.js'
import { queryFields } from './query-fields.js'
import { refFields, repositoryFields } from './repository-fields.js'
import { schemaText } from './schema-text.js'

/** Types whose fields have resolvers. Fields of all other types are properties of their source objects. */
const RESOLVERS: Record<string, Fields<never>> = {
  Query: queryFields,
  Mutation: mutationFields,
  MergeQueueEntry: mergeQueueEntryFields,
  User: accountFields,
  Organization: accountFields,
  Bot: accountFields,
  Repository: repositoryFields,
  Ref: refFields,
  Commit: commitFields,
  Blob: blobFields,
  Tree: treeFields,
  TreeEntry: treeEntryFields,
  Status: statusFields,
  StatusContext: statusContextFields,
  CheckSuite: checkSuiteFields,
  WorkflowRun: workflowRunFields,
  WorkflowRunFile: workflowRunFileFields,
  Workflow: workflowFields,
  PullRequest: pullFields,
  PullRequestCommit: pullCommitFields,
  HeadRefForcePushedEvent: forcePushFields,
}

let schema: GraphQLSchema | null = null

/** Returns the schema for executing queries, built once per process. */
export function executableSchema(): GraphQLSchema {
  schema ??= makeSchema()
  return schema
}

function makeSchema(): GraphQLSchema {
  const made = buildSchema(schemaText)
  for (const [name, fields] of Object.entries(RESOLVERS)) {
    const type = made.getType(name)
    if (!isObjectType(type)) throw new Error(`the schema has no type ${name}`)
    const known = type.getFields()
    const missing = [...Object.keys(known), ...Object.keys(fields)].find(
      (field) => !(field in known && field in fields),
    )
    if (missing !== undefined) throw new Error(`${name}.${missing} is not both in the schema and answered`)
    for (const field of Object.values(known)) field.resolve = resolver(fields[field.name] as Field<unknown>)
  }
  return made
}

function resolver(answer: Field<unknown>): GraphQLFieldResolver<unknown, QueryContext> {
  return (source, args: Record<string, unknown>, context, info) => {
    const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))
    return answer(source, given as never, context, info)
  }
}
