import { Command, Option } from 'commander'
import { checkUnfinished } from '../../app/check-unfinished.js'
import { chooseBranch } from '../../app/choose-branch.js'
import { readEvent } from '../../app/run/event-key.js'
import { previewRun } from '../../app/plan-run.js'
import type { RunRequest } from '../../app/plan-run.js'
import type { Result } from '../../app/problem.js'
import { runChange } from '../../app/run-change.js'
import { statusLink } from '../../app/run/status-link.js'
import { createFrontend } from '../connect/frontend.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { openStore } from '../connect/open-store.js'
import { withConnection } from '../connect/session.js'
import type { Session } from '../connect/session.js'
import { addCommonOptions } from '../flags/common-options.js'
import { addRunOptions, toRunSettings } from '../flags/run-options.js'
import type { RunFlags } from '../flags/run-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { reportDriven } from '../output/report-driven.js'
import type { Context } from '../process/context.js'
import { currentBranch } from '../process/current-branch.js'

/** `orch run`: builds a change across the graph, then unlocks its pull requests. */
export function runCommand(action: (branch: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command('run')
    .description('build the change across the graph, then unlock its pull requests')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addRunOptions(addCommonOptions(command))
    .option('--new', 'start a new orchestration although one of this change is unfinished')
    .addOption(new Option('--anew').hideHelp())
    .option('--follow', 'when the change moves during the run, run again for its new state')
    .option('--event <name>', 'the event that this run handles; a restarted CI job for it reuses its runs')
    .option('--dry-run', 'show what a run would do, without changing anything (the same as orch plan)')
    .action((branch: string | undefined, flags: RunFlags) => action(branch, flags))
}

/** `unfinished`: id of the orchestration to resume; null: a new one begins. */
interface Chosen {
  branch: string
  unfinished: string | null
}

/** Runs a change, or shows what a run would do. */
export async function run(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: RunFlags,
): Promise<ExitCode> {
  return withConnection<Chosen>(context, messages, flags, {
    prepare: (loaded) => choose(context, loaded, named, flags),
    work: async (session, { branch, unfinished }) => {
      if (unfinished !== null) {
        const { driveResumed } = await import('./resume.js')
        return driveResumed({ context, messages, session, id: unfinished, asJson: flags.json === true })
      }
      const request = toRequest(context, session, branch, flags)
      if (flags.dryRun === true) return showPlan(messages, session, { request, asJson: flags.json === true })
      const result = await runChange({
        ...request,
        store: session.store,
        random: context.random,
        frontend: createFrontend({ context, messages, session, asJson: flags.json === true }),
        note: messages.note,
        follow: flags.follow === true,
      })
      return reportDriven(messages, result)
    },
  })
}

async function choose(
  context: Context,
  loaded: LoadedGraph,
  named: string | undefined,
  flags: RunFlags,
): Promise<Result<Chosen>> {
  const { graph } = loaded
  const chosen = await chooseBranch({ graph, named, currentBranch: () => currentBranch(context) })
  if (!chosen.ok) return chosen
  const branch = chosen.value
  const isNew = flags.new === true || flags.anew === true
  if (flags.dryRun === true || isNew) return { ok: true, value: { branch, unfinished: null } }
  const event = readEvent({ env: context.env, branch, named: flags.event })
  const check = await checkUnfinished({ store: openStore(context, loaded), graph, branch, eventKey: event.key })
  if (check.kind === 'stopped') return { ok: false, problems: check.problems }
  return { ok: true, value: { branch, unfinished: check.kind === 'resume' ? check.id : null } }
}

function toRequest(
  { env, clock }: Context,
  { loaded: { graph }, connection: { github: host, serverUrl } }: Session,
  branch: string,
  flags: RunFlags,
): RunRequest {
  return {
    host,
    clock,
    graph,
    branch,
    settings: toRunSettings(flags),
    event: readEvent({ env, branch, named: flags.event }),
    serverUrl,
    link: statusLink({ env, serverUrl, branch }),
  }
}

async function showPlan(
  messages: Messages,
  { store, connection: { keepsLimits } }: Session,
  { request, asJson }: { request: RunRequest; asJson: boolean },
): Promise<ExitCode> {
  const planned = await previewRun({ ...request, store })
  if (planned.kind === 'stopped') return messages.reportProblems(planned.problems)
  const { printPlan } = await import('../output/print-plan.js')
  return printPlan(messages, planned, { asJson, keepsLimits })
}
