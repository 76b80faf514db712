import { createApiWorld } from '../api/world.js'
import type { ApiWorld, JsonAnswer } from '../api/world.js'
import type { SandboxOptions } from '../../../src/sandbox/sandbox.js'

/** A sandbox with a function that calls its GraphQL API. */
export interface GraphqlWorld extends ApiWorld {
  /** Posts a query with the token that has every permission, unless another token is given. */
  query(
    text: string,
    variables?: Record<string, unknown>,
    options?: { token?: string | null; path?: string },
  ): Promise<JsonAnswer>
}

export async function createGraphqlWorld(options: Partial<SandboxOptions> = {}): Promise<GraphqlWorld> {
  const world = await createApiWorld(options)
  return {
    ...world,
    query(text, variables, { token, path = '/api/graphql' } = {}) {
      const body = { query: text, ...(variables !== undefined && { variables }) }
      return world.json('POST', path, body, token === undefined ? {} : { token })
    },
  }
}
