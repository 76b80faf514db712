import { Command } from 'commander'

export interface InitFlags {
  owner?: string
  repos?: string
  fromOrg?: string
  topic?: string
  branches?: string
  yes?: boolean
  dryRun?: boolean
  demo?: boolean
  verbose?: boolean
}

/** `orch init`: writes a graph file for repositories on GitHub, or makes a playground for the embedded GitHub. */
export function initCommand(action: (flags: InitFlags) => Promise<void>): Command {
  return new Command('init')
    .description('write an orchestrator.yaml for your repositories, with the order that their files suggest')
    .option('--owner <owner>', 'user or organization that owns the repositories')
    .option('--repos <names>', 'the repositories, separated by commas: lib,api or acme/lib,other/api')
    .option('--from-org <owner[/glob]>', "all repositories of an owner, or those with a matching name: 'acme/shop-*'")
    .option('--topic <topic>', 'with --from-org: only the repositories that have this topic')
    .option('--branches <patterns>', 'the branches of coordinated changes (default: all except the default branches)')
    .option('-y, --yes', 'ask nothing: take what the files suggest')
    .option('--dry-run', 'print the file instead of writing it')
    .option('--demo', 'make a playground for the embedded GitHub in an empty folder; needs no token')
    .option('-v, --verbose', 'show each request with its status and what remains of the rate limit')
    .addHelpText('after', initNote)
    .action((flags: InitFlags) => action(flags))
}

const initNote = `
Without flags it asks on the terminal. It never replaces a file.
`
