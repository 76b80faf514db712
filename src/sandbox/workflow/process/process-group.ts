import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { killGroup, ProcessRegistry, signalGroup } from './process-registry.js'

const alive = new ProcessRegistry()

/** The processes of one job. */
export class JobProcesses {
  readonly #groups = new Set<number>()

  started(group: number): void {
    alive.add(group)
    this.#groups.add(group)
  }

  /** The process that led the group has ended; what it left in the background lives until the job ends, as on GitHub. */
  ended(group: number): void {
    if (!signalGroup(group, 0)) this.#forget(group)
  }

  /** Ends everything that is left, and gives the number of groups and processes ended. */
  async endAll(trackingId: string): Promise<number> {
    const left = [...this.#groups]
    const ended = left.filter(killGroup).length
    left.forEach((group) => this.#forget(group))
    return ended + (await endOrphans(trackingId))
  }

  #forget(group: number): void {
    this.#groups.delete(group)
    alive.delete(group)
  }
}

/**
 * Ends what a job left running in other groups and sessions, and gives the number of processes ended. They are found by their
 * environment, as GitHub's runner finds them, which only Linux shows (`/proc`).
 */
async function endOrphans(trackingId: string): Promise<number> {
  if (process.platform !== 'linux') return 0
  let ended = 0
  // Again until none is found: a process may fork between the listing and its end.
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

/** Empty for processes of others and for those that ended meanwhile. */
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
