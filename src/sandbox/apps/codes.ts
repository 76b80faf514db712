import { randomBytes } from 'node:crypto'

import type { Code } from '../state/app-model.js'
import type { World } from '../world.js'
import { isExpired } from './tokens.js'

/** How long GitHub accepts a code. */
const LIFETIME_MS = { manifest: 3_600_000, login: 600_000 }

type NewCode = Code extends infer Kind ? (Kind extends Code ? Omit<Kind, 'expiresAt'> : never) : never

/** Stores what a code stands for and returns the code. */
export function createCode(world: World, code: NewCode): string {
  const { codes } = world.directory.state
  for (const [value, known] of codes) if (isExpired(world, known)) codes.delete(value)
  const value = randomBytes(20).toString('hex')
  codes.set(value, { ...code, expiresAt: world.clock.now() + LIFETIME_MS[code.kind] })
  world.changed()
  return value
}

/** Returns what a valid code of this kind stands for. It is not valid again. */
export function redeemCode<Kind extends Code['kind']>(
  world: World,
  kind: Kind,
  value: string,
): Extract<Code, { kind: Kind }> | null {
  const { codes } = world.directory.state
  const code = codes.get(value)
  if (code?.kind !== kind) return null
  codes.delete(value)
  world.changed()
  // The kind was compared above, so the cast is safe.
  return isExpired(world, code) ? null : (code as Extract<Code, { kind: Kind }>)
}
