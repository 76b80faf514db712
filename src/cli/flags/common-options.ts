import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { parseDuration } from './duration.js'

/** Flags of every command that reads the graph file and sends requests to GitHub. */
export interface CommonFlags {
  config?: string
  sandbox?: boolean
  verbose?: boolean
}

/** Flags of the commands that read the journals beside a graph file. */
export interface HistoryFlags {
  config?: string
  sandbox?: boolean
  json?: boolean
}

export function addConfigOption(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)',
  )
}

export function addCommonOptions(command: Command): Command {
  return addConfigOption(command)
    .option('--sandbox', 'work against the embedded GitHub instead of github.com')
    .option('-v, --verbose', 'show each request with its status and what remains of the rate limit')
}

/** For commander: a duration in ms. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Write it like 6h, 90m, 1h30m or 45s; a plain number is in minutes.')
  return ms
}

/** For commander: a whole number, 1 or more. */
export function countArgument(text: string): number {
  if (!/^[1-9]\d{0,5}$/u.test(text)) throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  return Number(text)
}
