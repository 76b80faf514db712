import { generateAppKeys } from '../../src/sandbox/apps/app-keys.js'
import type { AppKeys } from '../../src/sandbox/apps/app-keys.js'

/** To generate the keys of an App takes longer than most tests, so that all sandboxes of a test worker share some. */
const known: Promise<AppKeys>[] = []

/** Generates the keys of one sandbox, whose Apps all have different ones. */
export function sharedKeys(): () => Promise<AppKeys> {
  let count = 0
  return () => {
    const keys = (known[count] ??= generateAppKeys())
    count += 1
    return keys
  }
}
