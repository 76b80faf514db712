import type { App, Installation } from '../../github/app/app-payload.js'
import type { AppClient } from '../../github/app/app-client.js'
import type { Clock } from '../../ports/clock.js'
import type { Read } from '../../ports/host/read.js'

/** Where a GitHub App is installed. */
export interface Installations {
  /** The installation on the repositories of an owner. A suspended or missing one is a failure with the address that mends it. */
  find: (owner: string) => Promise<Read<Installation>>
  /** Reads the installations again when the next one is needed: for `installation` webhooks. */
  forget: () => void
}

export interface InstallationsOptions {
  client: Pick<AppClient, 'listInstallations'>
  app: App
  clock: Clock
}

/** How long a list without the wanted owner counts, ms: a person may just be installing the App. */
const missingForMs = 30_000

interface Listed {
  at: number
  byOwner: ReadonlyMap<string, Installation>
}

export function createInstallations({ client, app, clock }: InstallationsOptions): Installations {
  let listed: Listed | null = null
  let reading: Promise<Read<Listed>> | null = null
  const read = (): Promise<Read<Listed>> => {
    reading ??= list(client, clock).finally(() => {
      reading = null
    })
    return reading
  }
  return {
    find: async (owner) => {
      const known = listed?.byOwner.get(owner.toLowerCase())
      if (known && !known.isSuspended) return { ok: true, value: known }
      if (listed === null || clock.now() - listed.at >= missingForMs) {
        const fresh = await read()
        if (!fresh.ok) return fresh
        listed = fresh.value
      }
      return judge(listed.byOwner.get(owner.toLowerCase()), owner, app)
    },
    forget: () => {
      listed = null
    },
  }
}

async function list(client: InstallationsOptions['client'], clock: Clock): Promise<Read<Listed>> {
  const at = clock.now()
  const all = await client.listInstallations()
  if (!all.ok) return all
  return { ok: true, value: { at, byOwner: new Map(all.value.map((each) => [each.account.toLowerCase(), each])) } }
}

function judge(installation: Installation | undefined, owner: string, app: App): Read<Installation> {
  if (!installation) {
    const message = `the GitHub App ${app.slug} is not installed on ${owner}`
    return { ok: false, failure: { kind: 'forbidden', message, remedy: `install it: ${installUrl(app)}` } }
  }
  if (!installation.isSuspended) return { ok: true, value: installation }
  const message = `the installation of the GitHub App ${app.slug} on ${owner} is suspended`
  return { ok: false, failure: { kind: 'forbidden', message, remedy: `unsuspend it: ${installation.url}` } }
}

/** The page where an owner installs the App. */
export function installUrl({ url }: App): string {
  return `${url}/installations/new`
}
