import { splitRepo, type RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { unexpectedAnswer } from '../api/classify.js'
import { flag, UnexpectedShape } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import type { GraphQLEndpoint } from '../graphql/endpoint.js'

const query = `query ReadAutoMerge($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name, followRenames: false) { autoMergeAllowed }
}`

/** By GraphQL: the REST API shows the setting only to a token that may write contents, which orch does not need. */
export async function readAutoMerge(
  endpoint: Pick<GraphQLEndpoint, 'query'>,
  repo: RepoName,
): Promise<Read<boolean | null>> {
  const subject = { repo, need: needs.readRepository, thing: `the repository ${repo}` }
  const { owner, name } = splitRepo(repo)
  const result = await endpoint.query({ ...subject, query, variables: { owner, name } })
  if (result.kind === 'refused') return { ok: true, value: null }
  if (result.kind !== 'answered') return { ok: false, failure: result.failure }
  const [error] = result.errors
  if (error) return { ok: false, failure: unexpectedAnswer(subject, error.message) }
  try {
    return { ok: true, value: flag(result.data['repository'], 'autoMergeAllowed') }
  } catch (problem) {
    if (!(problem instanceof UnexpectedShape)) throw problem
    return { ok: false, failure: unexpectedAnswer(subject, problem.message) }
  }
}
