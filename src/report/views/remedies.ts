import type { Failure } from '../../model/failure.js'
import type { Job } from '../../model/graph.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import { eitherOf, reviewersOf } from '../../model/build/state/awaited-approval.js'
import type { AwaitedApproval, CancelReason, JobOutcome, SettledJob } from '../../model/build/state/job-state.js'

/**
 * What the reader can do about a failure of each kind, and about each way in which a job can end: one clause without a full stop. The end
 * of a run adds "then run orch run", so a remedy must change what made the run fail.
 */
const ofKind: Record<Failure['kind'], string> = {
  unauthorized: 'set a valid token for this host: see docs/authentication.md',
  forbidden: 'give the token the permission, or use one that has it',
  blocked: "do what GitHub's message asks for",
  'not-found': "check the name, and that the token's owner may read it",
  renamed: 'write the new name in the graph file',
  archived: 'remove the repository from the graph file, or unarchive it',
  'rate-limited': 'wait until the limit resets, or use another token',
  'invalid-request': 'correct the request as the message says',
  'server-error': 'try again; see https://www.githubstatus.com for outages',
  network: 'check the connection and HTTPS_PROXY, then try again',
  timeout: 'try again; see https://www.githubstatus.com for outages',
  'unexpected-answer': 'check that the address is that of GitHub and that no proxy answers instead',
}

/** Refusals that GitHub's message tells apart. */
const ofMessage: readonly { pattern: RegExp; remedy: string }[] = [
  {
    pattern: /maximum number of statuses/iu,
    remedy: 'push a new commit, because GitHub takes 1,000 statuses of one context on a commit and no more',
  },
]

/** The remedy of a build that failed in its own steps. */
export const fixBuild = 'fix the build and push'

/** By GitHub's conclusion of the run. Another conclusion has the remedy of the job's outcome. */
const ofConclusion: Readonly<Record<string, (job: Job, state: SettledJob) => string>> = {
  failure: (_job, { explanation }) =>
    explanation?.rejection ? `ask ${explanation.rejection.by} why the deployment was rejected` : fixBuild,
  skipped: ({ workflow }) =>
    `change the \`if\` conditions in ${workflow}, which skipped every job of the run, or its inputs in the graph file`,
  timed_out: ({ workflow }) =>
    `raise \`timeout-minutes\` of the workflow job in ${workflow}, which is a limit of GitHub, or make it faster`,
  startup_failure: ({ workflow }) => `correct ${workflow} as the page of the run says, and push`,
  action_required: () => 'approve the run on its page',
  cancelled: ({ workflow }) =>
    `see on the page of the run who cancelled it; if it was another run of its concurrency group, ` +
    `give each branch a group of its own (\`concurrency\` in ${workflow})`,
}

function approveInTime(awaited: AwaitedApproval | undefined): string {
  const reviewers = reviewersOf(awaited?.deployments ?? null)
  return reviewers.length > 0
    ? `ask ${eitherOf(reviewers)} to approve in time on the page of the run`
    : 'have the run approved in time on its page'
}

/** By the reason for which orch cancelled the run; null: the job only shares the fate of another one. */
const ofCancel: Record<CancelReason, ((job: Job, state: SettledJob) => string | null) | null> = {
  'job-timeout': ({ id, timeoutMs }) =>
    `make the build of ${id} faster, or raise its timeout-minutes in the graph file (now ${timeoutMs / 60_000})`,
  'queue-timeout': ({ id, queueTimeoutMs }) =>
    `check that a runner takes its \`runs-on\` and that no other run holds it back, ` +
    `or raise queue-timeout-minutes of ${id} in the graph file (now ${queueTimeoutMs / 60_000})`,
  'approval-timeout': ({ id, approvalTimeoutMs = 0 }, { awaited }) =>
    `${approveInTime(awaited)}, or raise approval-timeout-minutes of ${id} in the graph file (now ${approvalTimeoutMs / 60_000})`,
  timeout: (_job, { awaited }) => (awaited ? `${approveInTime(awaited)}, or raise --timeout` : null),
  'fail-fast': null,
  moved: null,
  superseded: null,
  interrupted: null,
}

/** Where nothing more is known of the job; null: there is nothing to mend in it. */
const ofOutcome: Record<JobOutcome, string | null> = {
  failed: fixBuild,
  unknown: null,
  lost: null,
  cancelled: null,
  'timed-out': null,
  moved: null,
  succeeded: null,
  fresh: null,
  skipped: null,
  'not-run': null,
  'left-running': null,
}

/** What the reader can do about a failed request: one clause, which may contain text from GitHub. */
export function remedyOfFailure(failure: Failure): string {
  const known = ofMessage.find(({ pattern }) => pattern.test(failure.message))
  return known?.remedy ?? failure.remedy ?? ofKind[failure.kind]
}

function remedyOfJob(job: Job, state: SettledJob): string | null {
  const { cancelReason, conclusion, failure, outcome, runId } = state
  if (cancelReason !== undefined) return ofCancel[cancelReason]?.(job, state) ?? null
  const known = conclusion === undefined ? undefined : ofConclusion[conclusion]
  if (known) return known(job, state)
  // Where an answer was lost, a run may exist: only looking for it helps, not what would mend the failure.
  return outcome === 'failed' && failure !== null && runId === null ? remedyOfRefusal(job, failure) : ofOutcome[outcome]
}

/** A refused dispatch. The workflow was readable when the change was planned, so a 404 means most likely that the token may not start it. */
function remedyOfRefusal({ repo, workflow, event }: Job, failure: Failure): string {
  return failure.kind === 'not-found' && !event
    ? `give the token Actions: write on ${repo}, without which GitHub answers 404, or put ${workflow} back on its default branch`
    : remedyOfFailure(failure)
}

/** A clause as a sentence. */
export function asSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}

/** A remedy, and the jobs that it concerns; none: it concerns no single job. */
export interface Remedy {
  text: string
  jobs: readonly string[]
}

/** The failed posts of statuses, and the failed readings of the change. */
function failuresOfChange({ posts, verifications }: Orchestration): Failure[] {
  return [
    ...[...posts.values()].flatMap((rounds) =>
      Object.values(rounds).flatMap((post) => (post.phase === 'failed' ? [post.failure] : [])),
    ),
    ...Object.values(verifications).flatMap(({ result }) => (result.kind === 'unreadable' ? [result.failure] : [])),
  ]
}

/** The failures of all requests that are still known. */
export function failuresOf(orchestration: Orchestration): Failure[] {
  const ofJobs = [...orchestration.jobs.values()].flatMap((job) =>
    job.phase === 'settled' && job.failure ? [job.failure] : [],
  )
  return [...ofJobs, ...failuresOfChange(orchestration)]
}

/** What would mend everything that made these builds or their statuses fail, each remedy once, in the order of the plan. */
export function remediesOf(orchestration: Orchestration): Remedy[] {
  const found = new Map<string, string[]>()
  const add = (text: string, job?: string): void => {
    found.set(text, [...(found.get(text) ?? []), ...(job === undefined ? [] : [job])])
  }
  for (const job of orchestration.plan.graph.jobs) {
    const state = orchestration.jobs.get(job.id)
    const text = state?.phase === 'settled' ? remedyOfJob(job, state) : null
    if (text !== null) add(text, job.id)
  }
  for (const failure of failuresOfChange(orchestration)) {
    // There is nothing to mend: the next run tries again.
    if (failure.kind !== 'server-error' && failure.kind !== 'timeout') add(remedyOfFailure(failure))
  }
  return [...found].map(([text, named]) => ({ text, jobs: named }))
}
