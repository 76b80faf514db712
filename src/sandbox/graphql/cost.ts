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

/** The cost of a query by GitHub's formula: each connection counts one request per record that its enclosing connections can return. */
export interface QueryCost {
  /** The rate limit points: requests / 100, rounded to the nearest whole number, at least 1. */
  cost: number
  /** The number of requested records. */
  nodeCount: number
  /** The number of repositories requested by name and of nodes requested by ID. */
  repositories: number
}

interface CountedQuery {
  schema: GraphQLSchema
  document: DocumentNode
  operation: OperationDefinitionNode
  variables: Record<string, unknown>
}

/** Computes the cost of a valid query. */
export function costOf(query: CountedQuery): QueryCost {
  const counter = new Counter(query)
  counter.select(query.operation.selectionSet, query.schema.getRootType(query.operation.operation) ?? undefined, 1)
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

  /** Returns the number of records that a field requests for the selection below it. */
  #records(parent: GraphQLNamedType, node: FieldNode, field: GraphQLField<unknown, unknown>, times: number): number {
    const args = getArgumentValues(field, node, this.#query.variables)
    if (parent === this.#query.schema.getQueryType()) {
      const requested = field.name === 'nodes' ? (args.ids as string[]).length : 1
      if (['repository', 'node', 'nodes'].includes(field.name)) this.repositories += requested
      return requested
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
