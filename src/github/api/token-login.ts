import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { toLogin } from './payload.js'
import { needs } from './permissions.js'
import { interpret, type Ask, type Requests } from './requests.js'

/** The login of the token's user; null: GitHub does not say (an installation's token, such as GITHUB_TOKEN, has no user). */
export type ReadTokenLogin = (repo: RepoName) => Promise<Read<string | null>>

export interface TokenLogin {
  /** The repository is the one that failures name. */
  read: ReadTokenLogin
  /** Another answer told it. */
  note: (login: string) => void
}

/** GET /user, asked until it is answered or told elsewhere, then never again. */
export function createTokenLogin(requests: Requests): TokenLogin {
  let asked: Promise<Read<string | null>> | null = null
  return {
    note: (login) => {
      asked = Promise.resolve({ ok: true, value: login })
    },
    read: (repo) => {
      asked ??= readLogin(requests, repo).then((read) => {
        if (!read.ok) asked = null
        return read
      })
      return asked
    },
  }
}

async function readLogin(requests: Requests, repo: RepoName): Promise<Read<string | null>> {
  const ask: Ask = { repo, need: needs.readRuns, thing: 'the user of this token', path: '/user' }
  const answer = await requests.get(ask)
  if (!answer.ok && ['forbidden', 'not-found'].includes(answer.failure.kind)) return { ok: true, value: null }
  return interpret(ask, answer, toLogin)
}
