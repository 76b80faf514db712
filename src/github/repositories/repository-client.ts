import type { Repositories } from '../../ports/host/repositories.js'
import { createRequesting, type RequestingOptions } from '../api/requesting.js'
import { createTokenLogin } from '../api/token-login.js'
import { createGraphQLEndpoint } from '../graphql/endpoint.js'
import { createRedaction, redactDeep } from '../../lib/redaction.js'
import { listRepositories } from './list-repositories.js'
import { readRepositoryFiles } from './read-files.js'

/** Which repositories there are on GitHub, and their files. Only `orch init` needs this, so that it is not part of `createGitHub`. */
export function createRepositoryClient(options: RequestingOptions): Repositories {
  const redaction = createRedaction()
  const { redact } = redaction
  const { requests, tokens } = createRequesting(options, redaction)
  let refusal = 'this server or this token has no GraphQL API'
  const endpoint = createGraphQLEndpoint(requests, (reason) => (refusal = redact(reason)))
  const tokenLogin = createTokenLogin({ requests, endpoint, tokens, known: undefined })
  const redacted = async <T>(work: Promise<T>): Promise<T> => redactDeep(await work, redact)
  return {
    listRepositories: (owner) => redacted(listRepositories(requests, tokenLogin.read, owner)),
    readFiles: (repositories, isSelected) =>
      redacted(readRepositoryFiles({ requests, endpoint, refusal: () => refusal }, repositories, isSelected)),
  }
}
