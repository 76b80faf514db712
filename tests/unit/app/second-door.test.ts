import { describe, expect, test } from 'vitest'
import { cancelOrchestrations } from '../../../src/app/cancel-orchestrations.js'
import { checkUnfinished } from '../../../src/app/check-unfinished.js'
import { invalidateChange } from '../../../src/app/invalidate-change.js'
import type { RunRequest } from '../../../src/app/plan-run.js'
import { readStatus } from '../../../src/app/read-status.js'
import { resumeOrchestration } from '../../../src/app/resume-orchestration.js'
import { runChange } from '../../../src/app/run-change.js'
import { statusLink } from '../../../src/app/run/status-link.js'
import { readEvent } from '../../../src/app/run/event-key.js'
import { AppWorld, serverUrl } from '../../support/app-door.js'
import type { AppProcess } from '../../support/app-door.js'

const branch = 'DPTA-1'

/** A world in which repoB and repoD are changed. */
async function changedWorld(): Promise<AppWorld> {
  const world = await AppWorld.open()
  await world.change('repoB', branch)
  await world.change('repoD', branch)
  return world
}

function request({ graph }: AppWorld, { host, clock }: AppProcess, event?: string): RunRequest {
  return {
    host,
    clock,
    graph,
    branch,
    settings: { failFast: true, maxParallel: null, timeoutMs: null, postStatus: true, only: null, force: false },
    event: readEvent({ env: {}, branch, named: event }),
    serverUrl,
    link: statusLink({ env: {}, serverUrl, branch }),
  }
}

function run(world: AppWorld, process: AppProcess, event?: string): ReturnType<typeof runChange> {
  return runChange({ ...process, ...request(world, process, event), follow: false })
}
