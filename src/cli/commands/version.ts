import { Command } from 'commander'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { readVersion } from '../version.js'

/** `orch version`: what `orch --version` prints. */
export function versionCommand(action: () => Promise<void>): Command {
  return new Command('version').description('show the version').action(() => action())
}

export function printVersion({ stdout }: Messages): ExitCode {
  stdout.write(`${readVersion()}\n`)
  return exitCodes.success
}
