import { startCommand } from '../tests/support/command.js'
import type { Ended } from '../tests/support/command.js'
import { TestClock } from '../tests/support/test-clock.js'
import { graphFolder, graphText, isDiskBusy } from './graph.js'
import type { Jobs } from './graph.js'
import { createFetch } from './stub/network.js'
import { createStub } from './stub/stub.js'
import type { Stub } from './stub/stub.js'
import { World } from './stub/world.js'

export interface VirtualOptions {
  jobs: Jobs
  buildMs: (nth: number) => number
  queueMs?: (nth: number) => number
  timeoutMinutes?: number
  /** The repositories that have the branch; by default all. */
  members?: readonly string[]
}

/** GitHub and the command on one virtual clock that jumps to the next timer, so that hours pass in a moment. */
export interface VirtualStage extends AsyncDisposable {
  clock: TestClock
  stub: Stub
  /** Runs the command with the limits of github.com; rejects if it fails. */
  orch: (words: string, seed: number) => Promise<Ended>
}

const quietTurns = 12

export async function openVirtualStage(options: VirtualOptions): Promise<VirtualStage> {
  const clock = new TestClock(undefined, quietTurns, isDiskBusy)
  const { jobs, timeoutMinutes, ...world } = options
  const stub = createStub(new World({ ...world, now: () => clock.now(), repositories: Object.keys(jobs) }))
  const folder = await graphFolder(graphText(jobs, timeoutMinutes))
  const { directory } = folder
  const fetch = createFetch(stub, clock)
  const orch = async (words: string, seed: number): Promise<Ended> => {
    const going = startCommand({ directory, clock, env: { GH_TOKEN: 'ghp_bench' }, fetch }, words, { seed })
    const ended = await clock.until(going.ended)
    if (ended.code !== 0) throw new Error(`orch ${words} ended with ${ended.code}:\n${ended.stderr}${ended.stdout}`)
    return ended
  }
  return { clock, stub, orch, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}
