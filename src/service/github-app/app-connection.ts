import { failureProblem, type Result } from '../../app/problem.js'
import { createAppClient, type AppClient } from '../../github/app/app-client.js'
import type { App } from '../../github/app/app-payload.js'
import type { RequestingOptions } from '../../github/api/requesting.js'
import { createGitHub, type GitHub, type GitHubOptions } from '../../github/github.js'
import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { AppCredentials } from './app-credentials.js'
import { checkInstallations, type InstallationCheck } from './check-installations.js'
import { createInstallations } from './installations.js'
import { createInstallationToken, type InstallationToken } from './installation-token.js'
import { routeByOwner } from './route-by-owner.js'

/** A service that is connected to GitHub as a GitHub App. */
export interface AppConnection {
  /** All repositories, each by the installation of its owner. */
  host: GitHub
  app: App
  /** The login that the App writes statuses and comments as: `slug[bot]`. */
  login: string
  /** Checks that the App may do what the service needs on these repositories. */
  check: (repositories: readonly RepoName[]) => Promise<InstallationCheck>
  /** Asks GitHub whether it accepts the key. */
  ask: () => Promise<unknown>
  /** Reads the installations and their tokens again: for `installation` and `installation_repositories` webhooks. */
  forget: () => void
}

export interface AppConnectionOptions
  extends Omit<RequestingOptions, 'token'>, Pick<GitHubOptions, 'onGraphQLRefused'> {
  credentials: AppCredentials
  /** As in `AppClientOptions`. */
  onLogin?: (refusal: Failure | null) => void
  /** Called when the token of an owner could not be replaced in time, while the old one still works. */
  onLateRefresh: (owner: string, failure: Failure) => void
}

/** Connects as a GitHub App. An App that cannot log in is a problem. */
export async function connectApp({
  credentials,
  onLateRefresh,
  onLogin,
  ...options
}: AppConnectionOptions): Promise<Result<AppConnection>> {
  const client: AppClient = createAppClient({ ...options, app: credentials, ...(onLogin ? { onLogin } : {}) })
  const read = await client.readApp()
  if (!read.ok) return { ok: false, problems: [failureProblem(read.failure)] }
  const app = read.value
  const login = `${app.slug}[bot]`
  const installations = createInstallations({ client, app, clock: options.clock })
  const owners = new Map<string, { host: GitHub; token: InstallationToken }>()
  const hostOf = (owner: string): GitHub => {
    const key = owner.toLowerCase()
    const known = owners.get(key)
    if (known) return known.host
    const token = createInstallationToken({ client, installations, owner, clock: options.clock, onLateRefresh })
    const host = createGitHub({ ...options, token: token.provide, login })
    owners.set(key, { host, token })
    return host
  }
  return {
    ok: true,
    value: {
      host: routeByOwner({ of: hostOf, all: () => [...owners.values()].map(({ host }) => host), app: client.hooks }),
      app,
      login,
      ask: () => client.readApp(),
      check: (repositories) => checkInstallations({ client, installations, app, repositories }),
      forget: () => {
        installations.forget()
        for (const { token } of owners.values()) token.forget()
      },
    },
  }
}
