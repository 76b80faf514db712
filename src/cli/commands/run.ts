import { Command } from 'commander'
import { noEarlierRuns } from '../../model/build/plan.js'
import type { EarlierRuns, Plan, RunOptions } from '../../model/build/plan.js'
import { chooseBranch } from '../branch.js'
import { addCommonOptions } from '../common-options.js'
import type { Context } from '../context.js'
import { readEvent } from '../event-key.js'
import type { ExitCode } from '../exit-codes.js'
import type { LoadedGraph } from '../graph-file.js'
import { statusLink } from '../link.js'
import { openStore } from '../open-store.js'
import { readAndPlan } from '../plan-change.js'
import { stop } from '../../app/problem.js'
import type { Result } from '../../app/problem.js'
import { addRunOptions, toRunOptions } from '../run-options.js'
import type { RunFlags } from '../run-options.js'
import { withConnection } from '../session.js'
import type { Session } from '../session.js'
import type { Messages } from '../terminal-messages.js'
import { findUnfinished, knownRunsIn, readRecent, resumeAdvice, unlockedHeadsIn } from '../../app/history/unfinished.js'
import { usualDurationsIn } from '../usual-durations.js'
import type { UsualDurations } from '../usual-durations.js'

/** `orch run`: builds a change across the graph, then unlocks its pull requests. */
export function runCommand(run: (branch: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command('run')
    .description('build the change across the graph, then unlock its pull requests')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addRunOptions(addCommonOptions(command))
    .option('--anew', 'start anew although an orchestration of this change is unfinished')
    .option('--follow', 'when the change moves meanwhile, start again for what it is then')
    .option('--event <name>', 'what this run answers: a restarted job that gives the same name adopts its runs')
    .option('--dry-run', 'say what a run would do, and write nothing (the same as orch plan)')
    .action((branch: string | undefined, flags: RunFlags) => run(branch, flags))
}

export async function runChange(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: RunFlags,
): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: async (loaded) => {
      const chosen = await chooseBranch(context, loaded.graph, named)
      if (!chosen.ok) return chosen
      const branch = chosen.value
      if (flags.dryRun === true || flags.anew === true) return { ok: true, value: { branch, unfinished: null } }
      return checkUnfinished(context, loaded, branch, readEvent(context, branch, flags.event).key)
    },
    work: async (session, { branch: chosen, unfinished }) => {
      if (unfinished !== null) {
        const { driveResumed } = await import('./resume.js')
        return driveResumed({ context, messages, session, id: unfinished, asJson: flags.json === true })
      }
      const event = readEvent(context, chosen, flags.event)
      const earlier = { ...noEarlierRuns, eventKey: event.key, isRestart: event.isRepeated ?? false }
      const recent = await readRecent(session.store)
      const usual = usualDurationsIn(recent)
      if (flags.dryRun === true) return showPlan(context, messages, session, chosen, flags, usual)
      // With --force also what an earlier orchestration has built is built again.
      const knownRuns = flags.force === true ? [] : knownRunsIn(recent, chosen)
      const earlierHeads = unlockedHeadsIn(recent, chosen)
      return runAndFollow(context, messages, session, chosen, flags, { ...earlier, knownRuns, earlierHeads }, usual)
    },
  })
}

async function showPlan(
  context: Context,
  messages: Messages,
  session: Session,
  branch: string,
  flags: RunFlags,
  usual: UsualDurations,
): Promise<ExitCode> {
  const planned = await planRun(context, session, branch, flags, noEarlierRuns, usual)
  if (!planned.ok) return messages.reportProblems(planned.problems)
  const { plan, options } = planned.value
  const { keepsLimits } = session.connection
  const { printPlan } = await import('../print-plan.js')
  return printPlan(messages, plan, options, { asJson: flags.json === true, keepsLimits })
}

/** Runs the change; with `--follow` again for as long as it moves meanwhile, taking over the runs that still build the same. */
async function runAndFollow(
  context: Context,
  messages: Messages,
  session: Session,
  branch: string,
  flags: RunFlags,
  earlier: EarlierRuns,
  usual: UsualDurations,
): Promise<ExitCode> {
  for (let following = earlier; ;) {
    const planned = await planRun(context, session, branch, flags, following, usual)
    if (!planned.ok) return messages.reportProblems(planned.problems)
    const { plan, options } = planned.value
    // Loaded only here: the first request need not wait for what only a plan needs.
    const { executePlan, exitCodeOfDriven, isFollowable, leftRuns } = await import('../execute-plan.js')
    const ended = await executePlan(context, messages, session, plan, options, flags.json === true)
    if (!ended.ok) return messages.reportProblems(ended.problems)
    const orchestration = ended.value
    if (flags.follow !== true || !isFollowable(orchestration)) return exitCodeOfDriven(orchestration)
    const predecessors = [...following.predecessors, orchestration.id]
    following = { ...following, isRestart: false, predecessors, knownRuns: leftRuns(orchestration) }
  }
}

/** `unfinished`: id of the orchestration to go on with; null: a new one begins. */
interface Chosen {
  branch: string
  unfinished: string | null
}

/** A second run beside an unfinished one would build everything twice. One for the same event is gone on with. */
async function checkUnfinished(
  context: Context,
  loaded: LoadedGraph,
  branch: string,
  eventKey: string | null,
): Promise<Result<Chosen>> {
  const unfinished = await findUnfinished(openStore(context, loaded), branch)
  if (!unfinished) return { ok: true, value: { branch, unfinished: null } }
  if (eventKey !== null && unfinished.orchestration.options.eventKey === eventKey && !unfinished.driver) {
    const { prepareResume } = await import('../../app/resume-orchestration.js')
    const { graph } = loaded
    const resumable = await prepareResume({
      store: openStore(context, loaded),
      graph,
      named: unfinished.id,
      force: false,
    })
    return resumable.ok ? { ok: true, value: { branch, unfinished: resumable.value } } : resumable
  }
  return stop({
    kind: 'failed',
    message: `the orchestration ${unfinished.id} of ${branch} is unfinished`,
    why: unfinished.driver ? `${unfinished.driver.name} drives it` : 'the process that drove it is gone',
    remedy: `${resumeAdvice(unfinished)} To leave it and start anew: orch run ${branch} --anew`,
  })
}

/** The plan of a run, from flags to GitHub's answer. */
async function planRun(
  context: Context,
  { loaded, connection }: Session,
  branch: string,
  flags: RunFlags,
  earlier: EarlierRuns,
  usual: UsualDurations,
): Promise<Result<{ plan: Plan; options: RunOptions }>> {
  const { graph } = loaded
  const { serverUrl } = connection
  const { only = null, force = false, status: postStatus } = flags
  const request = { graph, branch, only, postStatus, force, serverUrl, usual }
  const plan = await readAndPlan(context, connection.github, request)
  if (!plan.ok) return plan
  const options = toRunOptions(plan.value, flags, statusLink(context, serverUrl, branch), earlier)
  // Where the CI service does not tell, a claim that nobody closed does: the start before this one may have died.
  const isClaimed = flags.event !== undefined && plan.value.targets.some(({ claimedBy }) => claimedBy !== null)
  return { ok: true, value: { plan: plan.value, options: { ...options, isRestart: options.isRestart || isClaimed } } }
}
