import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'
import {
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isInterfaceType,
  isObjectType,
  Kind,
} from 'graphql'

/** What a query counts as, by GitHub's formula: each connection is requested once for each record of those around it that are asked for. */
export interface QueryCost {
  /** Points of the rate limit: requests / 100 to the nearest whole number, at least 1. */
  cost: number
  /** Records that are asked for. */
  nodeCount: number
  /** Repositories that are asked for by name, and nodes by id. */
  repositories: number
}

interface CountedQuery {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
  variables: Record<string, unknown>
}

/** Counts a query that is valid. */
export function costOf(query: CountedQuery): QueryCost {
  const counter = new Counter(query)
  counter.select(query.operation.selectionSet, query.schema.getQueryType() ?? undefined, 1)
  const { requests, nodeCount, repositories } = counter
  return { cost: Math.max(1, Math.round(requests / 100)), nodeCount, repositories }
}

class Counter {
  requests = 0
  nodeCount = 0
  repositories = 0
  readonly #query: CountedQuery
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>

  constructor(query: CountedQuery) {
    this.#query = query
    const fragments = query.document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  }

  select(set: SelectionSetNode, type: GraphQLNamedType | undefined, times: number): void {
    for (const selection of set.selections) {
      if (!this.#isIncluded(selection)) continue
      if (selection.kind === Kind.FIELD) this.#field(selection, type, times)
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.select(selection.selectionSet, this.#narrowed(selection.typeCondition?.name.value, type), times)
      } else {
        const fragment = this.#fragments.get(selection.name.value)
        if (fragment === undefined) continue
        this.select(fragment.selectionSet, this.#narrowed(fragment.typeCondition.name.value, type), times)
      }
    }
  }

  #field(node: FieldNode, parent: GraphQLNamedType | undefined, times: number): void {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return
    const field = parent.getFields()[node.name.value]
    if (field === undefined) return
    const inner = times * this.#records(parent, node, field, times)
    if (node.selectionSet !== undefined) this.select(node.selectionSet, getNamedType(field.type), inner)
  }

  /** How many of what is below a field are asked for. */
  #records(parent: GraphQLNamedType, node: FieldNode, field: GraphQLField<unknown, unknown>, times: number): number {
    const args = getArgumentValues(field, node, this.#query.variables)
    if (parent === this.#query.schema.getQueryType()) {
      const asked = field.name === 'nodes' ? (args.ids as string[]).length : 1
      if (['repository', 'node', 'nodes'].includes(field.name)) this.repositories += asked
      return asked
    }
    if (!getNamedType(field.type).name.endsWith('Connection')) return 1
    const records = Math.max(0, Number(args.first ?? args.last ?? 0))
    this.requests += times
    this.nodeCount += times * records
    return records
  }

  #narrowed(condition: string | undefined, type: GraphQLNamedType | undefined): GraphQLNamedType | undefined {
    return condition === undefined ? type : this.#query.schema.getType(condition)
  }

  #isIncluded(selection: Parameters<typeof getDirectiveValues>[1]): boolean {
    const { variables } = this.#query
    if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if === true) return false
    return getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if !== false
  }
}
