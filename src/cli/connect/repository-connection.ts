import type { Result } from '../../app/problem.js'
import { settingProblem, stop } from '../../app/problem.js'
import { missingToken } from '../../github/api/authentication.js'
import { fixedToken } from '../../github/api/token.js'
import { createRepositoryClient } from '../../github/repositories/repository-client.js'
import type { RequestEntry } from '../../github/http/request-entry.js'
import type { Repositories } from '../../ports/host/repositories.js'
import { pauseText } from '../../report/views/pause-view.js'
import type { Messages } from '../output/messages.js'
import { findGitHub } from './find-github.js'
import type { GitHubAccess } from './find-github.js'
import { requestLine } from './github-connection.js'

/** A GitHub whose repositories can be listed and read. */
export interface RepositoryConnection {
  host: Repositories
  close: () => Promise<void>
}

/** Connects to the GitHub that the environment names. When `closed` aborts, nothing more is sent, and no pending call settles. */
export async function connectRepositories(
  access: GitHubAccess,
  messages: Messages,
  { verbose, closed }: { verbose: boolean; closed: AbortSignal },
): Promise<Result<RepositoryConnection>> {
  const found = await findGitHub(access)
  if (!found.ok) return found
  const { host, token, fetch, keepsLimits, close } = found.value
  if (token === null) {
    await close()
    const why = 'no variable for this host holds one, and `gh auth token` gave none'
    return stop(settingProblem(missingToken(host, access.env, []), why))
  }
  const client = createRepositoryClient({
    apiUrl: host.apiUrl,
    token: fixedToken(token),
    clock: access.clock,
    random: access.random,
    ...(fetch ? { fetch } : {}),
    keepsLimits,
    closed,
    onPause: (pause) => messages.note(pauseText(pause)),
    ...(verbose ? { onRequest: (entry: RequestEntry) => messages.note(requestLine(entry)) } : {}),
  })
  return { ok: true, value: { host: client, close } }
}
