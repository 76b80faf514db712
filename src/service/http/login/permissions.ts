import type { Failure } from '../../../model/failure.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Clock } from '../../../ports/clock.js'
import type { Read } from '../../../ports/host/read.js'
import type { Caller } from './caller.js'
import type { Identities, RepositoryPermission } from './identities.js'

/** How old a permission may be that lets a person see something, or change something. */
const viewMaxAgeMs = 15 * 60_000
const writeMaxAgeMs = 60_000
/** How many permissions are asked for side by side. */
const batchSize = 10
/** Permissions beyond this number are asked for again. */
const maxKept = 50_000

export type Access =
  | { kind: 'granted' }
  /** The repository whose permission is missing. */
  | { kind: 'denied'; repository: string }
  /** GitHub could not be asked. */
  | { kind: 'unavailable'; failure: Failure }

/** What callers may do. The administrator may do everything, and a program what the paths that accept its signature do. */
export interface Permissions {
  /** A person sees what the service shows if they can read every repository of the graph. */
  mayView(caller: Caller): Promise<Access>
  /** A person changes something if they can write to every repository that it concerns. */
  mayWrite(caller: Caller, repositories: readonly string[]): Promise<Access>
}

export interface PermissionsOptions {
  identities: Identities
  /** Every repository of the graph. */
  repositories: readonly string[]
  clock: Clock
}

interface Kept {
  permission: RepositoryPermission
  readAt: number
}

export function createPermissions({ identities, repositories, clock }: PermissionsOptions): Permissions {
  const kept = new Map<string, Kept>()
  const read = async (login: string, repository: string, maxAgeMs: number): Promise<Read<RepositoryPermission>> => {
    const key = `${login.toLowerCase()} ${repoKey(repository)}`
    const before = kept.get(key)
    if (before && clock.now() - before.readAt < maxAgeMs) return { ok: true, value: before.permission }
    const answer = await identities.permission(login, repository)
    if (!answer.ok) return answer
    if (kept.size >= maxKept) kept.clear()
    kept.set(key, { permission: answer.value, readAt: clock.now() })
    return answer
  }
  const require = async (
    login: string,
    asked: readonly string[],
    { accepted, maxAgeMs }: { accepted: readonly RepositoryPermission[]; maxAgeMs: number },
  ): Promise<Access> => {
    for (let from = 0; from < asked.length; from += batchSize) {
      const batch = asked.slice(from, from + batchSize)
      const answers = await Promise.all(batch.map((repository) => read(login, repository, maxAgeMs)))
      for (const [index, answer] of answers.entries()) {
        if (!answer.ok) return { kind: 'unavailable', failure: answer.failure }
        if (!accepted.includes(answer.value)) return { kind: 'denied', repository: batch[index] ?? '' }
      }
    }
    return { kind: 'granted' }
  }
  return {
    mayView: (caller) =>
      caller.kind !== 'person'
        ? Promise.resolve({ kind: 'granted' })
        : require(caller.login, repositories, { accepted: ['read', 'write', 'admin'], maxAgeMs: viewMaxAgeMs }),
    mayWrite: (caller, asked) =>
      caller.kind !== 'person'
        ? Promise.resolve({ kind: 'granted' })
        : require(caller.login, asked, { accepted: ['write', 'admin'], maxAgeMs: writeMaxAgeMs }),
  }
}
