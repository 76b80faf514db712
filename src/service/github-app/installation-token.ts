import type { AppClient } from '../../github/app/app-client.js'
import { TokenUnavailable, type Token, type TokenProvider } from '../../github/api/token.js'
import { isTransientFailure, type Failure } from '../../model/failure.js'
import type { Clock } from '../../ports/clock.js'
import type { Read } from '../../ports/host/read.js'
import type { Installations } from './installations.js'

export interface InstallationTokenOptions {
  client: Pick<AppClient, 'createToken'>
  installations: Pick<Installations, 'find'>
  owner: string
  clock: Clock
  /** Called when a token could not be replaced in time, while the old one still works. */
  onLateRefresh: (owner: string, failure: Failure) => void
}

export interface InstallationToken {
  provide: TokenProvider
  /** Gets a new token for the next request: for `installation` webhooks. */
  forget: () => void
}

/** How long before its end a token is replaced, ms. */
const replacedBeforeMs = 5 * 60_000
/** How long before its end a token is not used any more, ms: clocks differ, and a request takes time. */
const unusedBeforeMs = 60_000
/** How long after a failed refresh the next one is tried, while the old token still works, ms. */
const refreshAgainAfterMs = 20_000

/** The token of the installation of an owner. It is replaced five minutes before its end, and requests that leave together wait for one refresh. */
export function createInstallationToken(options: InstallationTokenOptions): InstallationToken {
  const { clock, owner } = options
  let current: Token | null = null
  let refreshing: Promise<Token> | null = null
  let isRefusedUntil = -Infinity

  const refresh = async (): Promise<Token> => {
    const created = await create(options)
    if (created.ok) {
      current = created.value
      return created.value
    }
    if (current === null || !lasts(current, unusedBeforeMs, clock)) throw unavailable(created.failure)
    isRefusedUntil = clock.now() + refreshAgainAfterMs
    options.onLateRefresh(owner, created.failure)
    return current
  }
  return {
    provide: () => {
      if (current !== null && lasts(current, replacedBeforeMs, clock)) return Promise.resolve(current)
      if (current !== null && clock.now() < isRefusedUntil && lasts(current, unusedBeforeMs, clock))
        return Promise.resolve(current)
      refreshing ??= refresh().finally(() => {
        refreshing = null
      })
      return refreshing
    },
    forget: () => {
      current = null
    },
  }
}

async function create({ client, installations, owner }: InstallationTokenOptions): Promise<Read<Token>> {
  const installation = await installations.find(owner)
  return installation.ok ? client.createToken(installation.value) : installation
}

function lasts({ expiresAt }: Token, ms: number, clock: Clock): boolean {
  return expiresAt === null || expiresAt - clock.now() > ms
}

function unavailable(failure: Failure): TokenUnavailable {
  const remedy = failure.remedy === undefined ? '' : ` (${failure.remedy})`
  const isTransient = isTransientFailure(failure) || failure.kind === 'rate-limited'
  return new TokenUnavailable(`${failure.message}${remedy}`, { isTransient })
}
