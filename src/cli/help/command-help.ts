import type { Command } from 'commander'

/** What the help of a command adds to its arguments and flags. */
interface CommandHelp {
  group: string
  /** Command lines; each is executed by a test. */
  examples: readonly string[]
  /** What the exit codes mean, where they mean more than 0 done, 1 failed, 2 wrong use. */
  exitCodes?: string
}

const change = 'Change:'
const history = 'History:'
const setUp = 'Set-up:'
const service = 'Service:'
const local = 'Local:'
const general = 'General:'

const driven = '0 unlocked, 1 failed, 2 wrong use, 4 token, 5 partially merged,\n  8 held, 130 interrupted'

const commandHelps: Readonly<Record<string, CommandHelp>> = {
  run: {
    group: change,
    examples: ['orch run', 'orch run DPTA-1122', 'orch run DPTA-1122 --only repoB', 'orch run DPTA-1122 --json'],
    exitCodes: driven,
  },
  plan: { group: change, examples: ['orch plan', 'orch plan DPTA-1122 --json'] },
  status: {
    group: change,
    examples: ['orch status', 'orch status DPTA-1122 --json'],
    exitCodes: '0 green, 1 not green, 2 wrong use, 4 token, 8 pending',
  },
  invalidate: {
    group: change,
    examples: ["orch invalidate DPTA-1122 --reason 'the library moved'", 'orch invalidate --dry-run'],
  },
  pass: { group: change, examples: ['orch pass --pull-request acme/repoC#1'] },
  dispatch: {
    group: change,
    examples: [
      'orch dispatch release-published --repo acme/repoB --field tag=v1.2.3',
      `orch dispatch release --repo acme/repoB --payload '{"tag":"v1"}' --dry-run`,
    ],
    exitCodes: '0 accepted (--wait: all runs succeeded), 1 refused or failed, 2 wrong use,\n  4 token, 130 interrupted',
  },
  graph: { group: change, examples: ['orch graph', 'orch graph DPTA-1122 --output graph.svg'] },
  doctor: {
    group: setUp,
    examples: ['orch doctor', 'orch doctor DPTA-1122 --json'],
    exitCodes: '0 nothing failed, 1 something failed or is not known, 2 wrong use,\n  130 interrupted',
  },
  setup: {
    group: setUp,
    examples: ['orch setup --dry-run --orchestrator acme/repoE', 'orch setup --yes --json --orchestrator acme/repoE'],
  },
  list: { group: history, examples: ['orch list', 'orch list --branch DPTA-1122 --state failed'] },
  show: { group: history, examples: ['orch show', 'orch show DPTA-1122 --json'] },
  watch: { group: history, examples: ['orch watch', 'orch watch DPTA-1122'], exitCodes: driven },
  resume: { group: history, examples: ['orch resume', 'orch resume DPTA-1122 --json'], exitCodes: driven },
  cancel: { group: history, examples: ['orch cancel', 'orch cancel DPTA-1122'] },
  init: {
    group: setUp,
    examples: [
      'orch init',
      'orch init --owner acme --repos lib,api,shop --yes',
      "orch init --from-org 'acme/shop-*' --branches 'SHOP-*' --yes",
      'orch init --from-org acme --topic payments --dry-run',
      'orch init --demo',
    ],
  },
  serve: { group: service, examples: ['orch serve --sandbox', 'orch serve --port 8080 --json'] },
  worker: { group: service, examples: ['orch worker --database postgres://db.example/orch'] },
  workers: { group: service, examples: ['orch workers', 'orch workers --json'] },
  event: {
    group: service,
    examples: [`orch event send upstream.release --id r1 --source ci --payload '{"tag":"v1"}'`, 'orch event list'],
  },
  runs: { group: service, examples: ['orch runs list', 'orch runs list --event r1 --json'] },
  handoff: { group: service, examples: ["orch handoff announce --payload 'v1 is out'"] },
  flows: { group: service, examples: ['orch flows list', 'orch flows check'] },
  demo: { group: local, examples: ['orch demo'] },
  sandbox: { group: local, examples: ['orch sandbox', 'orch sandbox --port 4000 --reset'] },
  completion: { group: general, examples: ['orch completion bash', 'orch completion --words jobs'] },
  version: { group: general, examples: ['orch version'] },
}

/** Adds to the help of each command its group, examples and exit codes, and to that of the program the variables. */
export function addHelp(program: Command, commands: readonly Command[]): void {
  for (const command of commands) {
    const help = commandHelps[command.name()]
    if (!help) throw new Error(`${command.name()} has no help`)
    command.helpGroup(help.group)
    command.addHelpText('after', commandText(help))
  }
  program.commandsGroup(general).helpCommand(true).addHelpText('after', programText)
}

function commandText({
  examples,
  exitCodes = '0 done, 1 failed, 2 wrong use, 4 token, 130 interrupted',
}: CommandHelp): string {
  const lines = examples.map((example) => `  ${example}`)
  return `\nExamples:\n${lines.join('\n')}\n\nExit codes:\n  ${exitCodes}\n`
}

const programText = `
Environment:
  GH_TOKEN, GITHUB_TOKEN  the token for github.com
  GH_ENTERPRISE_TOKEN     the token for the Enterprise Server of GITHUB_API_URL
  ORCH_CONFIG             the graph file, as --config
  ORCH_SANDBOX, ORCH_DIRECTORY, ORCH_QUIET, ORCH_VERBOSE, ORCH_NO_COLOR
                          the flags of these names, where a command has them
  ORCH_URL                the service of orch event, runs, handoff and flows

Exit codes:
  0 success, 1 not successful, 2 wrong use, 4 token, 5 partially merged,
  8 pending, 130 interrupted

orch help <command> shows its flags and examples.
Documents: docs/commands.md, docs/exit-codes.md
`

/** Every example of the help, for the test that executes them. */
export const helpExamples: readonly string[] = Object.values(commandHelps).flatMap(({ examples }) => examples)
