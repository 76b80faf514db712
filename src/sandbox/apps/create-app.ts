import { createHash, createPublicKey, randomBytes } from 'node:crypto'

import type { App, AppPermissions } from '../state/app-model.js'
import type { Hook } from '../state/hook.js'
import type { Account } from '../state/model.js'
import { addHook } from '../webhooks/add-hook.js'
import type { World } from '../world.js'

/** The properties of a new App. */
export interface NewApp {
  owner: Account
  name: string
  url: string
  description?: string | null
  permissions?: AppPermissions
  events?: string[]
  callbackUrls?: string[]
  setupUrl?: string | null
  isPublic?: boolean
  /** The webhook that receives the events of all installations. Default of the secret: a new one. */
  hook?: { url: string; isActive?: boolean; secret?: string } | null
}

/** The secrets of an App, which GitHub shows once. */
export interface AppSecrets {
  /** PEM in the form of PKCS #1, as GitHub generates it. */
  privateKey: string
  clientSecret: string
}

/** Returns the URL-friendly form of an App's name. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** Whether another App has the name. */
export function isTaken(world: World, name: string): boolean {
  return findApp(world, slugOf(name)) !== undefined
}

export function findApp(world: World, slug: string): App | undefined {
  return [...world.directory.state.apps.values()].find((app) => app.slug === slug)
}

/** Returns the App whose bot an account is. */
export function appOfBot(world: World, accountId: number): App | undefined {
  return [...world.directory.state.apps.values()].find(({ botId }) => botId === accountId)
}

/** Adds an App without a key. The name must not be taken. */
export function registerApp(world: World, made: NewApp): App {
  const now = world.clock.now()
  const { directory } = world
  const slug = slugOf(made.name)
  const app: App = {
    id: directory.newId(),
    slug,
    name: made.name,
    description: made.description ?? null,
    externalUrl: made.url,
    ownerId: made.owner.id,
    botId: directory.addAccount(`${slug}[bot]`, 'Bot', now).id,
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    clientSecretHash: null,
    publicKeys: [],
    permissions: withMetadata(made.permissions ?? {}),
    events: made.events ?? [],
    callbackUrls: made.callbackUrls ?? [],
    setupUrl: made.setupUrl ?? null,
    isPublic: made.isPublic ?? false,
    createdAt: now,
    updatedAt: now,
  }
  directory.state.apps.set(app.id, app)
  world.changed()
  if (made.hook) {
    const { url, isActive = true, secret = randomBytes(20).toString('hex') } = made.hook
    const config = { url, contentType: 'json' as const, insecureSsl: '0' as const, secret }
    addHook(world, { type: 'app', id: app.id }, { active: isActive, events: [...app.events], config }, made.owner)
  }
  return app
}

/** Returns the webhook of an App. */
export function hookOfApp(world: World, appId: number): Hook | undefined {
  return world.webhooks.hooksOf({ type: 'app', id: appId })[0]
}

/** Changes the permissions and events of an App. Its installations keep theirs until somebody accepts the new ones. */
export function changeApp(
  world: World,
  app: App,
  { permissions, events }: { permissions?: AppPermissions; events?: string[] },
): void {
  const hook = hookOfApp(world, app.id)
  if (permissions !== undefined) app.permissions = withMetadata(permissions)
  if (events !== undefined) app.events = events
  if (events !== undefined && hook !== undefined) hook.events = [...events]
  app.updatedAt = world.clock.now()
  world.changed()
}

/** GitHub adds the permission `metadata` to every permission of a repository. */
function withMetadata(permissions: AppPermissions): AppPermissions {
  return Object.keys(permissions).length === 0 ? {} : { ...permissions, metadata: 'read' }
}

/** Generates a key, and a client secret in place of an earlier one. */
export async function generateSecrets(world: World, app: App): Promise<AppSecrets> {
  const privateKey = await generateKey(world, app)
  const clientSecret = randomBytes(20).toString('hex')
  app.clientSecretHash = hashOf(clientSecret)
  world.changed()
  return { privateKey, clientSecret }
}

/** Generates a key beside those that the App has. Returns the private half. */
export async function generateKey(world: World, app: App): Promise<string> {
  const { publicKey, privateKey } = await world.generateKeys()
  app.publicKeys.push(publicKey)
  app.updatedAt = world.clock.now()
  world.changed()
  return privateKey
}

/** Deletes a key: what is signed with it is refused from now on. False: it is not a key of the App, or its only one, which GitHub keeps. */
export function deleteKey(world: World, app: App, privateKey: string): boolean {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  if (app.publicKeys.length < 2 || !app.publicKeys.includes(publicKey)) return false
  app.publicKeys = app.publicKeys.filter((each) => each !== publicKey)
  app.updatedAt = world.clock.now()
  world.changed()
  return true
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
