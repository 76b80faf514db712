import type { Command } from 'commander'
import type { EarlierRuns, Plan, RunOptions } from '../model/build/plan.js'
import type { CommonFlags } from './common-options.js'
import { countArgument, durationArgument } from './common-options.js'

/** Flags of `orch run` and `orch plan`. */
export interface RunFlags extends CommonFlags {
  dryRun?: boolean
  anew?: boolean
  json?: boolean
  failFast: boolean
  status: boolean
  timeout?: number
  maxParallel?: number
  only?: string
  force?: boolean
  event?: string
  follow?: boolean
}

const defaultTimeout = 6 * 3_600_000

/** The flags that shape a run; `orch plan` takes them too. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON event per line (a plan: one document)')
    .option('--no-fail-fast', 'let running builds finish when one fails (default: `fail-fast` of the graph file)')
    .option('--no-status', 'build only: read and post no commit status, unlock nothing')
    .option('--timeout <duration>', 'for the whole orchestration, such as 6h or 90m (default: 6h)', durationArgument)
    .option('--max-parallel <count>', 'how many jobs may run at once (default: as the graph allows)', countArgument)
    .option('--only <job>', 'run just this job; posts success only where all others are fresh')
    .option('--force', 'build also what is fresh: what an earlier run built and nothing changed since')
}

/** Flags, graph file and plan together: what the run is asked to do. */
export function toRunOptions(plan: Plan, flags: RunFlags, link: string, earlier: EarlierRuns): RunOptions {
  const { graph, jobs } = plan
  const only = flags.only ?? null
  return {
    failFast: flags.failFast && graph.failFast,
    maxParallel: flags.maxParallel ?? graph.maxParallel,
    timeoutMs: flags.timeout ?? defaultTimeout,
    postStatus: flags.status && !jobs.some(({ action }) => action === 'exclude'),
    recordJobs: flags.status,
    only,
    link,
    ...earlier,
  }
}
