import type { Fields, QueryContext } from './fields.js'
import { isVisible } from './fields.js'
import { findNode } from './node.js'
import { QueryError } from './query-error.js'
import type { AccountSource, RepositorySource } from './sources.js'
import { repositorySource } from './sources.js'

const MAX_IDS = 100

/** The root fields of a query. */
export const queryFields: Fields<unknown> = {
  // The schema knows the viewer as a user, also where it is the bot of an App.
  viewer: (_source, _args, { actor }): AccountSource => ({ __typename: 'User', account: actor.account }),
  rateLimit: (_source, _args, { rateLimit }) => rateLimit,
  repository: (_source, args: RepositoryArguments, context) => findRepository(args, context),
  node: (_source, { id }: { id: string }, context) => findNode(context, id),
  nodes: (_source, { ids }: { ids: string[] }, context) => {
    if (ids.length > MAX_IDS) {
      const problem = `You may not provide more than ${MAX_IDS} node ids; you provided ${ids.length}.`
      throw new QueryError('ARGUMENT_LIMIT', problem)
    }
    return ids.map((id) => findNode(context, id))
  },
}

interface RepositoryArguments {
  owner: string
  name: string
  followRenames: boolean
}

function findRepository({ owner, name, followRenames }: RepositoryArguments, context: QueryContext): RepositorySource {
  const { directory } = context.world
  const repository =
    directory.repository(owner, name) ?? (followRenames ? directory.renamedRepository(owner, name) : undefined)
  if (repository !== undefined && isVisible(context, repository)) return repositorySource(repository)
  throw new QueryError('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`)
}
