import { emitRun } from '../webhooks/events/workflow.js'
import type { World } from '../world.js'
import { currentAttempt } from './runs.js'

/**
 * Ends as `cancelled` the runs that were active when the process that executed them died. A line in their logs gives that reason.
 */
export function endInterruptedRuns(world: World): void {
  const now = world.clock.now()
  for (const run of world.directory.state.runs.values()) {
    const attempt = currentAttempt(run)
    if (attempt.status === 'completed') continue
    for (const job of attempt.jobs) {
      if (job.state.status === 'completed') continue
      const line = `${new Date(now).toISOString()} ##[error]The sandbox was stopped while this job ran.`
      world.logs.write(job.id, [...(world.logs.read(job.id) ?? []), line])
      Object.assign(job.state, { status: 'completed', conclusion: 'cancelled', completedAt: now })
      for (const step of job.state.steps) {
        if (step.status !== 'completed') Object.assign(step, { status: 'completed', conclusion: 'cancelled' })
      }
    }
    Object.assign(attempt, { status: 'completed', conclusion: 'cancelled', updatedAt: now })
    delete attempt.pendingDeployments
    world.changed(run)
    emitRun(world, run, attempt, 'completed')
  }
}
