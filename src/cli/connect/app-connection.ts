import type { Environment } from '../../app/environment.js'
import type { Result } from '../../app/problem.js'
import type { GitHub, GitHubOptions } from '../../github/github.js'
import { sanitize } from '../../lib/sanitize.js'
import { connectApp } from '../../service/github-app/app-connection.js'
import { readNamedCredentials } from '../../service/github-app/app-credentials.js'

/** How requests are sent and reported, whichever token they carry. */
export type Requesting = Omit<GitHubOptions, 'token'>

/** Connects as the GitHub App that the environment names. Its tokens last an hour and are replaced as long as the command runs. */
export async function connectAsApp(
  { env, cwd }: { env: Environment; cwd: string },
  requesting: Requesting,
  note: (text: string) => void,
): Promise<Result<GitHub>> {
  const credentials = await readNamedCredentials({ env, directory: cwd })
  if (!credentials.ok) return credentials
  if (credentials.value === null) throw new Error('the environment names no GitHub App')
  const connected = await connectApp({
    ...requesting,
    credentials: credentials.value,
    onLateRefresh: (owner, { message }) =>
      note(sanitize(`the token for ${owner} could not be replaced in time: ${message}`)),
  })
  return connected.ok ? { ok: true, value: connected.value.host } : connected
}
