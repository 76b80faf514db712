import type { AppSecrets, NewApp } from './apps/create-app.js'
import {
  changeApp,
  deleteKey,
  findApp,
  generateKey,
  generateSecrets,
  hookOfApp,
  isTaken,
  registerApp,
  slugOf,
} from './apps/create-app.js'
import { install, suspend, uninstall } from './apps/install.js'
import { installationOfAccount } from './apps/installations.js'
import { createInstallationToken, createUserTokens } from './apps/tokens.js'
import { isLogin } from './core/repositories.js'
import { RepositoryAdmin } from './repository-admin.js'
import type { App, AppPermissions, Installation } from './state/app-model.js'
import type { Account, Role } from './state/model.js'

/** What a program needs to act as an App. */
export interface AppCredentials extends AppSecrets {
  id: number
  slug: string
  clientId: string
  /** Null without a webhook. */
  webhookSecret: string | null
}

/** The part of `SandboxAdmin` that manages the roles of users, and GitHub Apps with their installations. */
export class AppAdmin extends RepositoryAdmin {
  /** Gives a user, who is created if it does not exist, a role in some repositories, or in all that give it no other role. */
  setRole(login: string, role: Role, ...repositories: string[]): void {
    const { directory, clock } = this.world
    if (!isLogin(login)) throw new Error(`${JSON.stringify(login)} is not a login that GitHub would take`)
    const account = directory.account(login) ?? directory.addAccount(login, 'User', clock.now())
    const found = repositories.map((name) => this.repository(name))
    for (const repository of found) repository.collaborators.set(account.id, role)
    if (found.length === 0) account.baseRole = role
    this.world.changed(...found)
  }

  /** Whether a role was set for an account. */
  protected hasRole(account: Account): boolean {
    if (account.baseRole !== undefined) return true
    return [...this.world.directory.state.repositories.values()].some(({ collaborators }) =>
      collaborators.has(account.id),
    )
  }

  /** Creates an App with a new key and client secret. `owner` is a login (default: `developer`). */
  async createApp(made: Omit<NewApp, 'owner' | 'url'> & { owner?: string; url?: string }): Promise<AppCredentials> {
    if (slugOf(made.name) === '') throw new Error(`${JSON.stringify(made.name)} is not a name for an App`)
    if (isTaken(this.world, made.name)) throw new Error(`there already is an App ${made.name}`)
    const owner = this.account(made.owner)
    const app = registerApp(this.world, { ...made, owner, url: made.url ?? 'http://127.0.0.1' })
    const { id, slug, clientId } = app
    const webhookSecret = hookOfApp(this.world, app.id)?.config.secret ?? null
    return { id, slug, clientId, webhookSecret, ...(await generateSecrets(this.world, app)) }
  }

  /** Generates another private key of an App, and returns it. */
  createAppKey(slug: string): Promise<string> {
    return generateKey(this.world, this.#app(slug))
  }

  /** Deletes a private key of an App, which must have another one. The tokens of its installations stay valid, as on GitHub. */
  deleteAppKey(slug: string, privateKey: string): void {
    if (deleteKey(this.world, this.#app(slug), privateKey)) return
    throw new Error(`the key is not one of ${slug}, or its only one`)
  }

  /** Changes the permissions and events of an App. An installation keeps its own until `installApp` accepts them. */
  changeApp(slug: string, changes: { permissions?: AppPermissions; events?: string[] }): void {
    changeApp(this.world, this.#app(slug), changes)
  }

  /** Installs an App on an account, or changes its installation, for all repositories or the named ones (`owner/name`). Returns the ID. */
  installApp(slug: string, login: string, repositories?: string[]): number {
    const account = this.account(login)
    const repositoryIds = repositories?.map((name) => this.repository(name).id) ?? null
    return install(this.world, this.#app(slug), { account, repositoryIds, actor: this.developer }).id
  }

  /** Suspends the installation of an App on an account, or ends its suspension. */
  suspendApp(slug: string, login: string, isSuspended = true): void {
    suspend(this.world, this.#installation(slug, login), { isSuspended, actor: this.developer })
  }

  /** Removes the installation of an App on an account. */
  uninstallApp(slug: string, login: string): void {
    uninstall(this.world, this.#installation(slug, login), this.developer)
  }

  /** Returns a new token of the installation of an App on an account, as POST /app/installations/{id}/access_tokens creates it. */
  createInstallationToken(slug: string, login: string): string {
    const made = createInstallationToken(this.world, this.#app(slug), this.#installation(slug, login), {})
    if (!made.ok) throw new Error(`could not create a token of ${slug} on ${login}`)
    return made.value.token.value
  }

  /** Returns a token with which an App acts for a user, as an OAuth login gives it. */
  createUserToken(slug: string, login: string): string {
    return createUserTokens(this.world, this.#app(slug).id, this.account(login)).accessToken
  }

  #app(slug: string): App {
    const app = findApp(this.world, slug)
    if (app === undefined) throw new Error(`there is no App ${slug}`)
    return app
  }

  #installation(slug: string, login: string): Installation {
    const installation = installationOfAccount(this.world, this.#app(slug).id, this.account(login).id)
    if (installation === undefined) throw new Error(`the App ${slug} is not installed on ${login}`)
    return installation
  }
}
