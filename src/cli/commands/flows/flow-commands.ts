import { Command } from 'commander'

// The declarations alone: what the commands do is loaded when one of them runs.

export interface FlowFlags {
  url?: string
  json?: boolean
}

export interface SendFlags extends FlowFlags {
  id: string
  source: string
  payload?: string
  contextFile?: readonly string[]
  contextDir?: string
}

export interface HandoffFlags extends FlowFlags {
  id?: string
  payload?: string
  contextFile?: readonly string[]
  contextDir?: string
}

export interface EventListFlags extends FlowFlags {
  type?: string
  source?: string
  limit?: string
}

export interface RunListFlags extends FlowFlags {
  event?: string
  status?: string
  limit?: string
}

/** What the subcommands do. */
export interface FlowActions {
  sendEvent: (type: string, flags: SendFlags) => Promise<void>
  listEvents: (flags: EventListFlags) => Promise<void>
  showEvent: (id: string, flags: FlowFlags) => Promise<void>
  replayEvent: (id: string, flags: FlowFlags) => Promise<void>
  listRuns: (flags: RunListFlags) => Promise<void>
  showRun: (id: string, flags: FlowFlags) => Promise<void>
  watchRun: (id: string, flags: FlowFlags) => Promise<void>
  cancelRun: (id: string, flags: FlowFlags) => Promise<void>
  printLog: (id: string, flags: FlowFlags) => Promise<void>
  handoff: (flow: string, flags: HandoffFlags) => Promise<void>
  listFlows: (flags: FlowFlags) => Promise<void>
  showFlow: (name: string, flags: FlowFlags) => Promise<void>
  checkFlows: (flags: FlowFlags) => Promise<void>
  setFlow: (name: string, isEnabled: boolean, flags: FlowFlags) => Promise<void>
}

const variables = `
Environment:
  ORCH_URL          address of the service; absent: the state in .orch here
  ORCH_API_TOKEN    token for the service
  ORCH_HMAC_SECRET  secret that signs requests to the service`

export function eventCommand(actions: FlowActions): Command {
  const command = new Command('event').description('send events, look at them, and replay them')
  command
    .addCommand(
      withContext(common(new Command('send').description('send an event, which starts the flows that match it')))
        .argument('<type>', 'type of the event, such as upstream.release')
        .requiredOption('--id <name>', 'names what happened: the same id again changes nothing')
        .requiredOption('--source <name>', 'who noticed it')
        .option('--payload <json>', 'JSON, @file, or - for the standard input (default: {})')
        .addHelpText('after', variables)
        .action((type: string, flags: SendFlags) => actions.sendEvent(type, flags)),
    )
    .addCommand(
      common(new Command('list').description('list events, newest first'))
        .option('--type <type>', 'only events of this type')
        .option('--source <name>', 'only events from this source')
        .option('--limit <count>', 'at most so many, 1 to 100 (default: 50)')
        .action((flags: EventListFlags) => actions.listEvents(flags)),
    )
    .addCommand(
      common(new Command('show').description('show an event and its runs'))
        .argument('<event>', 'id of the event')
        .action((id: string, flags: FlowFlags) => actions.showEvent(id, flags)),
    )
    .addCommand(
      common(new Command('replay').description('run the flows of an event again, on purpose'))
        .argument('<event>', 'id of the event')
        .action((id: string, flags: FlowFlags) => actions.replayEvent(id, flags)),
    )
  return command
}

export function runsCommand(actions: FlowActions): Command {
  const command = new Command('runs').description('look at the runs of flows, and cancel them')
  const one = (name: string, description: string, action: FlowActions['showRun']): Command =>
    common(new Command(name).description(description))
      .argument('<run>', 'id of the run')
      .action((id: string, flags: FlowFlags) => action(id, flags))
  command
    .addCommand(
      common(new Command('list').description('list runs, newest first'))
        .option('--event <event>', 'only runs of this event')
        .option('--status <status>', 'queued, running, completed, failed or cancelled')
        .option('--limit <count>', 'at most so many, 1 to 100 (default: 50)')
        .action((flags: RunListFlags) => actions.listRuns(flags)),
    )
    .addCommand(one('show', 'show a run with its attempts and steps', actions.showRun))
    .addCommand(one('watch', 'follow a run until it ends', actions.watchRun))
    .addCommand(one('cancel', 'end a run', actions.cancelRun))
    .addCommand(one('log', 'print what the commands of a run printed', actions.printLog))
  return command
}

export function handoffCommand(actions: FlowActions): Command {
  return withContext(common(new Command('handoff').description('hand a payload and files to a flow')))
    .argument('<flow>', 'name of the flow')
    .option('--id <name>', 'names this handoff: the same id again changes nothing')
    .option('--payload <text>', 'JSON or text, @file, or - for the standard input')
    .addHelpText('after', variables)
    .action((flow: string, flags: HandoffFlags) => actions.handoff(flow, flags))
}

export function flowsCommand(actions: FlowActions): Command {
  const command = new Command('flows').description('look at the flows, check them, enable and disable them')
  const ofOne = (
    name: string,
    description: string,
    action: (name: string, flags: FlowFlags) => Promise<void>,
  ): Command =>
    common(new Command(name).description(description))
      .argument('<name>', 'name of the flow')
      .action((flow: string, flags: FlowFlags) => action(flow, flags))
  command
    .addCommand(
      common(new Command('list').description('list the flows')).action((flags: FlowFlags) => actions.listFlows(flags)),
    )
    .addCommand(ofOne('show', 'show a flow', actions.showFlow))
    .addCommand(
      new Command('check')
        .description('check the flow files here, with every mistake')
        .option('--json', 'one JSON document')
        .action((flags: FlowFlags) => actions.checkFlows(flags)),
    )
    .addCommand(ofOne('enable', 'let events start a flow again', (name, flags) => actions.setFlow(name, true, flags)))
    .addCommand(
      ofOne('disable', 'keep events from starting a flow', (name, flags) => actions.setFlow(name, false, flags)),
    )
  return command
}

function common(command: Command): Command {
  return command
    .option('--url <address>', 'address of the service (default: ORCH_URL, else the state here)')
    .option('--json', 'one JSON document')
}

function withContext(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
  return command
    .option('--context-file <name=path>', 'a text file to hand on, may be repeated', collect)
    .option('--context-dir <folder>', 'hand on each file of this folder')
}
