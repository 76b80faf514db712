import type { Command } from 'commander'
import type { RunSettings } from '../../app/run/run-settings.js'
import type { CommonFlags } from './common-options.js'
import { countArgument, durationArgument } from './common-options.js'

/** Flags of `orch run` and `orch plan`. */
export interface RunFlags extends CommonFlags {
  dryRun?: boolean
  new?: boolean
  /** The former name of `--new`. */
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

/** Declares the flags that `orch run` and `orch plan` share. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON event per line (a plan: one document)')
    .option('--no-fail-fast', 'let running builds finish when one fails (default: `fail-fast` of the graph file)')
    .option('--no-status', 'build only: read and post no commit status, unlock nothing')
    .option(
      '--timeout <duration>',
      'time limit of the whole orchestration, such as 6h or 90m (default: 6h)',
      durationArgument,
    )
    .option('--max-parallel <count>', 'how many jobs may run at once (default: as the graph allows)', countArgument)
    .option('--only <job>', 'run only this job; posts success only if all others are fresh')
    .option('--force', 'build everything, including what an earlier run built and nothing changed since')
}

/** The flags as settings of a run. */
export function toRunSettings(flags: RunFlags): RunSettings {
  return {
    failFast: flags.failFast,
    maxParallel: flags.maxParallel ?? null,
    timeoutMs: flags.timeout ?? null,
    postStatus: flags.status,
    only: flags.only ?? null,
    force: flags.force === true,
  }
}
