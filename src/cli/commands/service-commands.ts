import { Command } from 'commander'
import type { ServeFlags, WorkerFlags } from '../../service/settings.js'
import { addConfigOption } from '../flags/common-options.js'

// The declarations alone: what the commands do is loaded when one of them runs, because it takes half a megabyte of code.

export interface ServeCommandFlags extends ServeFlags {
  config?: string
  json?: boolean
  verbose?: boolean
  setup?: boolean
  url?: string
}

const variables = `
Environment:
  ORCH_WEBHOOK_SECRET  secret of the webhook; several, separated by commas
                       (required, except with --sandbox or an App of --setup)
  ORCH_API_TOKEN       token of the administrator, for the dashboard and the API
  ORCH_PUBLIC_URL      address that people open: https://orch.example.com
  More of them: docs/service.md`

/** `orch serve`: the service, until it is stopped. */
export function serveCommand(action: (flags: ServeCommandFlags) => Promise<void>): Command {
  const command = new Command('serve').description('lock, build and unlock changes from webhooks, until it is stopped')
  return addConfigOption(command)
    .option('--port <number>', 'port to listen on (default: 7345; 0: any free one)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--database <url>', 'postgres://… (default: DATABASE_URL, else embedded beside the graph file)')
    .option('--workers <count>', 'workers in this process (default: 2; 0: only receive and show)')
    .option('--capacity <count>', 'orchestrations that one worker holds, for they mostly wait (default: 100)')
    .option('--sandbox', 'serve the embedded GitHub, which starts with it: a trial without any setting')
    .option('--setup', 'create the GitHub App of the service in the browser, store its key, and end')
    .option('--url <address>', 'with --setup: the address at which GitHub reaches the service')
    .option('--json', 'JSON lines on stdout: where it listens, then the log (default: the log on stderr)')
    .option('-v, --verbose', 'log details and each request to GitHub')
    .addHelpText('after', variables)
    .action((flags: ServeCommandFlags) => action(flags))
}

export interface WorkerCommandFlags extends WorkerFlags {
  config?: string
  json?: boolean
  verbose?: boolean
}

/** `orch worker`: more workers for a service on PostgreSQL. */
export function workerCommand(action: (flags: WorkerCommandFlags) => Promise<void>): Command {
  const command = new Command('worker').description('execute what a service on PostgreSQL has queued, until stopped')
  return addConfigOption(command)
    .option('--database <url>', 'postgres://… of the service (default: DATABASE_URL)')
    .option('--workers <count>', 'workers in this process (default: 2)')
    .option('--capacity <count>', 'orchestrations that one worker holds, for they mostly wait (default: 100)')
    .option('--json', 'JSON lines on stdout: the process, then the log (default: the log on stderr)')
    .option('-v, --verbose', 'log details and each request to GitHub')
    .action((flags: WorkerCommandFlags) => action(flags))
}

export interface WorkersCommandFlags {
  config?: string
  database?: string
  json?: boolean
}

/** `orch workers`: who works on what. */
export function workersCommand(action: (flags: WorkersCommandFlags) => Promise<void>): Command {
  const command = new Command('workers').description('list the workers of the service, and what each of them works on')
  return addConfigOption(command)
    .option('--database <url>', 'postgres://… of the service (default: DATABASE_URL, else the embedded one)')
    .option('--json', 'one JSON document')
    .action((flags: WorkersCommandFlags) => action(flags))
}
