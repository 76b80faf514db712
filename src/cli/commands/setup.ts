import { Command } from 'commander'
import { readAppOfLogin } from '../../app/app-of-login.js'
import type { Result } from '../../app/problem.js'
import { failureProblem, stop, usageProblem } from '../../app/problem.js'
import type { SetupHost } from '../../app/setup/setup-host.js'
import { shellWord } from '../../lib/sanitize.js'
import { isAuthFailure } from '../../model/failure.js'
import { ownerProblem, repositoryProblem } from '../../model/repo-name.js'
import { repositoriesOf } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { SetupReport } from '../../model/setup.js'
import type { Read } from '../../ports/host/read.js'
import type { Session } from '../connect/session.js'
import { withConnection } from '../connect/session.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'

export interface SetupFlags extends CommonFlags {
  app?: string
  dryRun?: boolean
  json?: boolean
  orchestrator?: string
  remove?: boolean
  yes?: boolean
}

/** `orch setup`: proposes the workflows and creates the rulesets that orch needs. */
export function setupCommand(action: (flags: SetupFlags) => Promise<void>): Command {
  const command = new Command('setup').description(
    'propose the workflows that orch needs by pull requests, and create the rulesets; shows all of it and asks first',
  )
  return addCommonOptions(command)
    .option('--app <slug>', 'GitHub App whose statuses alone count (default: that of the token, if it is of one)')
    .option('--dry-run', 'show what would be done, and change nothing')
    .option('--json', 'one JSON document; needs --yes or --dry-run')
    .option('--orchestrator <owner/repo>', 'repository that holds the graph file (default: the remote origin)')
    .option('--remove', 'undo what it made and nobody has changed since')
    .option('--yes', 'do not ask')
    .action((flags: SetupFlags) => action(flags))
}

export async function setUp(context: Context, messages: Messages, flags: SetupFlags): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: () => checkFlags(flags),
    work: (session, orchestrator) => work(context, messages, flags, { session, orchestrator }),
  })
}

/** The named repository of the graph file; null: none is named. */
function checkFlags({ json, yes, dryRun, orchestrator }: SetupFlags): Result<RepoName | null> {
  if (json === true && yes !== true && dryRun !== true) {
    const why = 'it asks before it changes anything, and a program cannot be asked'
    return stop(usageProblem('--json needs --yes or --dry-run', why, 'Add one of them.'))
  }
  if (orchestrator === undefined || isRepoName(orchestrator)) return { ok: true, value: orchestrator ?? null }
  const why = 'it must be the owner and the name'
  return stop(usageProblem(`"${orchestrator}" is not a repository`, why, 'Write it like acme/orchestrator.'))
}

function isRepoName(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/')
  return more.length === 0 && ownerProblem(owner) === undefined && repositoryProblem(name) === undefined
}

interface Work {
  session: Session
  orchestrator: RepoName | null
}

async function work(
  context: Context,
  messages: Messages,
  flags: SetupFlags,
  { session, orchestrator: named }: Work,
): Promise<ExitCode> {
  const { planSetUp } = await import('../../app/setup/set-up.js')
  const { graph } = session.loaded
  const { github: host, serverUrl } = session.connection
  const orchestrator = named ?? (await originOf(context, serverUrl))
  if (orchestrator === null) messages.note(withoutOrchestrator)
  const isRemoval = flags.remove === true
  const app = await readAppId(host, repositoriesOf(graph)[0] ?? '', flags.app)
  if (!app.ok) return messages.reportProblems([failureProblem(app.failure)])
  const planned = await planSetUp({ host, graph, orchestrator, isRemoval, appId: app.value })
  const { report, isNeeded } = planned
  if (flags.json !== true) await showPlan(messages, report, graph.statusContext)
  if (flags.dryRun === true || !isNeeded) return finish(messages, flags, { ...report, isDryRun: flags.dryRun === true })
  const confirmed = await confirm(context, flags)
  if (!confirmed.ok) return messages.reportProblems(confirmed.problems)
  if (!confirmed.value) {
    messages.note('Nothing was changed.')
    return exitCodes.success
  }
  const done = await planned.apply()
  if (flags.json !== true) await showResults(messages, done, flags)
  return finish(messages, flags, done)
}

const withoutOrchestrator =
  'note: the repository of the graph file is not known, so only builds and rulesets are set up; name it with --orchestrator'

/** The repository of the remote `origin`, if it is on this server; null: there is none. */
async function originOf({ readProgram, cwd }: Context, serverUrl: string): Promise<RepoName | null> {
  const remote = (await readProgram('git', ['-C', cwd, 'config', '--get', 'remote.origin.url']))?.trim() ?? ''
  const { host } = new URL(serverUrl)
  const [, found = '', repo = ''] =
    /^(?:\w+:\/\/)?(?:[^@/]+@)?([^/]+?)[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/u.exec(remote) ?? []
  return found.toLowerCase() === host && isRepoName(repo) ? repo : null
}

/** The App that is named, or that the token is of; null: neither. */
async function readAppId(host: SetupHost, repo: RepoName, named: string | undefined): Promise<Read<number | null>> {
  if (named !== undefined) return host.readAppId(repo, named)
  const login = await host.login(repo)
  return login.ok ? readAppOfLogin(host, repo, login.value) : login
}

async function confirm({ ask }: Context, { yes }: SetupFlags): Promise<Result<boolean>> {
  if (yes === true) return { ok: true, value: true }
  const answer = await ask('Do this? [y/N] ')
  if (answer !== null) return { ok: true, value: /^y(?:es)?$/iu.test(answer.trim()) }
  const why = 'it asks before it changes anything, and nobody answered'
  return stop(usageProblem('nothing was changed', why, 'Add --yes to do it, or --dry-run to see it only.'))
}

async function showPlan(messages: Messages, { results }: SetupReport, statusContext: string): Promise<void> {
  const { renderSetupPlan } = await import('../../report/views/setup-view.js')
  messages.stdout.write(renderSetupPlan(results, statusContext, messages.view))
}

async function showResults(messages: Messages, report: SetupReport, { sandbox, config }: SetupFlags): Promise<void> {
  const { renderSetupResults } = await import('../../report/views/setup-view.js')
  const flags = `${sandbox === true ? ' --sandbox' : ''}${config === undefined ? '' : ` --config ${shellWord(config)}`}`
  messages.stdout.write(`\n${renderSetupResults(report, flags, messages.view)}`)
}

async function finish(messages: Messages, { json }: SetupFlags, report: SetupReport): Promise<ExitCode> {
  if (json === true) {
    const [{ jsonDocument }, { setupToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/setup-json.js'),
    ])
    messages.stdout.write(jsonDocument(setupToJson(report)))
  }
  const failures = report.results.flatMap(({ failure }) => failure ?? [])
  if (failures.length === 0) return exitCodes.success
  return failures.some(isAuthFailure) ? exitCodes.authentication : exitCodes.notSuccessful
}
