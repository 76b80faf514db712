import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { killGroup, ProcessRegistry, signalGroup } from './process-registry.js'

const registry = new ProcessRegistry()

/** The processes of one job. */
export class JobProcesses {
  readonly #groups = new Set<number>()

  started(group: number): void {
    registry.add(group)
    this.#groups.add(group)
  }

  /** Called when the leader of the group has ended. Its background processes live until the job ends, as on GitHub. */
  ended(group: number): void {
    if (!signalGroup(group, 0)) this.#forget(group)
  }

  /** Ends all remaining processes, and returns the number of groups and processes ended. */
  async endAll(trackingId: string): Promise<number> {
    const left = [...this.#groups]
    const ended = left.filter(killGroup).length
    left.forEach((group) => this.#forget(group))
    return ended + (await endOrphans(trackingId))
  }

  #forget(group: number): void {
    this.#groups.delete(group)
    registry.delete(group)
  }
}

/**
 * Ends the processes that a job left running in other groups and sessions, and returns their number. Like GitHub's runner, it finds
 * them by their environment, which only Linux exposes (`/proc`).
 */
async function endOrphans(trackingId: string): Promise<number> {
  if (process.platform !== 'linux') return 0
  let ended = 0
  // Repeats until none is found, because a process may fork between the listing and its end.
  for (let round = 0; round < 5; round += 1) {
    const found = await processesWith(`RUNNER_TRACKING_ID=${trackingId}`)
    if (found.length === 0) break
    for (const id of found) if (killProcess(id)) ended += 1
  }
  return ended
}

async function processesWith(variable: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(ids.map(async (id) => ((await environmentOf(id)).includes(variable) ? id : 0)))
  return found.filter((id) => id !== 0)
}

/** Returns the environment of a process; empty for a process of another user or one that has ended. */
async function environmentOf(id: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${id}/environ`, 'utf8')).split('\0')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

function killProcess(id: number): boolean {
  try {
    process.kill(id, 'SIGKILL')
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
