import { fileURLToPath } from 'node:url'
import { graphFolder, graphText } from './graph.js'
import type { Jobs } from './graph.js'
import { measureProcess } from './process.js'
import type { Used } from './process.js'
import { serve } from './stub/network.js'
import { createStub } from './stub/stub.js'
import type { Stub } from './stub/stub.js'
import { World } from './stub/world.js'

const program = fileURLToPath(new URL('../bin/orch.js', import.meta.url))

export interface RealOptions {
  jobs: Jobs
  buildMs: (nth: number) => number
  /** Whether orch reaches the stub at an address that it treats as remote, so that it obeys GitHub's limits. */
  keepsLimits: boolean
}

/** The stub on this machine in real time, and the built command as a separate process. */
export interface RealStage extends AsyncDisposable {
  stub: Stub
  directory: string
  apiUrl: string
  /** Rejects if the command fails. */
  orch: (...args: string[]) => Promise<Used>
}

export async function openRealStage({ jobs, buildMs, keepsLimits }: RealOptions): Promise<RealStage> {
  const stub = createStub(new World({ now: () => Date.now(), repositories: Object.keys(jobs), buildMs }))
  const served = await serve(stub)
  const folder = await graphFolder(graphText(jobs))
  const apiUrl = keepsLimits ? served.distantApiUrl : served.apiUrl
  const { directory } = folder
  const env = { GITHUB_API_URL: apiUrl, GH_ENTERPRISE_TOKEN: 'ghp_bench' }
  const orch = async (...args: string[]): Promise<Used> => {
    const used = await measureProcess(process.execPath, [program, ...args], { cwd: directory, env })
    if (used.code !== 0)
      throw new Error(`orch ${args.join(' ')} ended with ${used.code}:\n${used.stderr}${used.stdout}`)
    return used
  }
  const close = async (): Promise<void> => {
    await served.close()
    await folder[Symbol.asyncDispose]()
  }
  return { stub, directory, apiUrl, orch, [Symbol.asyncDispose]: close }
}
