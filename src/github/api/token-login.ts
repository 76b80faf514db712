import { isDenied, isTransientFailure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { GraphQLEndpoint } from '../graphql/endpoint.js'
import type { Ask } from './ask.js'
import { toLogin } from './payload.js'
import { needs } from './permissions.js'
import { interpret, isNotFound, type Requests } from './requests.js'
import { TokenUnavailable, type TokenSource } from './token.js'

/**
 * The login that the token acts as, in the form that the REST API names authors in: that of an App ends in `[bot]`. Null: GitHub does not
 * report one.
 */
export type ReadTokenLogin = (repo: RepoName) => Promise<Read<string | null>>

export interface TokenLogin {
  /** Failures name the repository. */
  read: ReadTokenLogin
  /** Call when another answer to a token of this identity named its user. */
  note: (login: string, identity: string | null) => void
}

export interface TokenLoginOptions {
  requests: Requests
  endpoint: Pick<GraphQLEndpoint, 'query'>
  tokens: TokenSource
  /** The login, where it is known before: nothing is sent then. */
  known: string | undefined
}

/**
 * GET /user, sent once for each identity unless another answer names the user. GitHub refuses it to the token of an installation, such as
 * GITHUB_TOKEN, whose login only the GraphQL API reports.
 */
export function createTokenLogin({ requests, endpoint, tokens, known }: TokenLoginOptions): TokenLogin {
  if (known !== undefined) return { read: () => Promise.resolve({ ok: true, value: known }), note: () => undefined }
  const logins = new Map<string | null, Promise<Read<string | null>>>()
  const readIdentity = async (): Promise<string | null> => (await tokens.current())?.identity ?? null
  const ask = async (repo: RepoName, identity: string | null): Promise<Read<string | null>> => {
    const read = await readLogin(requests, endpoint, repo)
    // The answer may be about another identity if the token was replaced before the request left.
    if (!read.ok || (await readIdentity()) !== identity) logins.delete(identity)
    return read
  }
  const readKnown = (repo: RepoName, identity: string | null): Promise<Read<string | null>> => {
    const login = logins.get(identity) ?? ask(repo, identity)
    logins.set(identity, login)
    return login
  }
  return {
    note: (login, identity) => {
      logins.set(identity, Promise.resolve({ ok: true, value: login }))
    },
    read: async (repo) => {
      try {
        return await readKnown(repo, await readIdentity())
      } catch (error) {
        if (!(error instanceof TokenUnavailable)) throw error
        // The request itself fails for the same reason and reports it.
        return readLogin(requests, endpoint, repo)
      }
    },
  }
}

async function readLogin(
  requests: Requests,
  endpoint: TokenLoginOptions['endpoint'],
  repo: RepoName,
): Promise<Read<string | null>> {
  const ask: Ask = { repo, need: needs.readRuns, thing: 'the user of this token', path: '/user' }
  const answer = await requests.get(ask)
  if (!answer.ok && (isDenied(answer.failure) || isNotFound(answer))) return readViewer(endpoint, ask)
  return interpret(ask, answer, toLogin)
}

async function readViewer(
  endpoint: TokenLoginOptions['endpoint'],
  { repo, need, thing }: Ask,
): Promise<Read<string | null>> {
  const result = await endpoint.query({
    repo,
    need,
    thing,
    query: 'query ReadViewer { viewer { login } }',
    variables: {},
  })
  if (result.kind === 'answered') {
    const viewer = result.data['viewer'] ?? null
    return { ok: true, value: viewer === null ? null : toLogin(viewer) }
  }
  if (result.kind === 'refused' || !isTransientFailure(result.failure)) return { ok: true, value: null }
  return { ok: false, failure: result.failure }
}
