import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { evaluateMap } from '../expression/evaluate-map.js'
import { timeLimit } from '../expression/evaluate-setting.js'
import { JobContext } from './job-context.js'
import { createJobLog } from './job-log.js'
import type { JobLog } from './job-log.js'
import { JobProcesses } from '../process/process-group.js'
import { nodeVersion } from './run-environment.js'
import type { JobFolders } from './run-environment.js'
import type { JobRun } from './job-run.js'
import { begin, complete, queuedStep } from './run-state.js'
import { runSteps, stepName } from './run-steps.js'

/** The result of a job. */
export interface JobResult {
  conclusion: 'success' | 'failure' | 'cancelled'
  outputs: Record<string, string>
}

/** Executes all steps of one job in its own temporary folder. */
export async function runJob(run: JobRun): Promise<JobResult> {
  const { state, clock, job } = run
  const log = createJobLog(() => clock.now())
  begin(state, clock.now())
  state.log = log.lines
  const processes = new JobProcesses()
  const trackingId = `orch_${randomUUID()}`
  const folders = await createFolders(run)
  const jobId = job.id
  const { execution, contexts } = run
  const { cancelled } = run.control
  const access = execution.openJob()
  for (const secret of [access.token, access.runtimeToken]) log.mask(secret)
  const context = new JobContext({
    ...{ execution, access, clock, log, processes, folders, trackingId, jobId, cancelled, contexts },
  })
  state.steps = [
    queuedStep(1, 'Set up job'),
    ...job.steps.map((step, at) => queuedStep(at + 2, stepName(step, context))),
  ]
  state.steps.push(queuedStep(state.steps.length + 1, 'Complete job'))
  try {
    return await executeJob(run, context)
  } finally {
    await cleanUp(run, log, folders, () => processes.endAll(trackingId))
    access.close()
  }
}

async function createFolders({ execution, workDirectory }: JobRun): Promise<JobFolders> {
  await mkdir(workDirectory, { recursive: true })
  const root = await mkdtemp(join(workDirectory, `run-${execution.runId}-${execution.runAttempt}-`))
  const name = execution.repo.split('/').at(-1) ?? 'workspace'
  const folders = { root, workspace: join(root, 'work', name), temp: join(root, 'temp'), home: join(root, 'home') }
  for (const folder of [folders.workspace, folders.temp, folders.home]) await mkdir(folder, { recursive: true })
  return folders
}

async function executeJob(run: JobRun, context: JobContext): Promise<JobResult> {
  const prepared = await setUp(run, context)
  const finished = new AbortController()
  const limit = prepared ? limitJob(run, context, finished.signal) : undefined
  if (prepared) await runSteps(run, context)
  else for (const step of run.state.steps.slice(1, -1)) complete(step, 'skipped', run.clock.now())
  finished.abort()
  await limit
  const outputs = evaluateMap(run.job.outputs, context.scope())
  if (!outputs.ok) fail(context, `The outputs of the job are not valid. ${outputs.message}`)
  const { cancelled, failure } = context.status()
  const conclusion = cancelled ? 'cancelled' : failure ? 'failure' : 'success'
  return { conclusion, outputs: outputs.ok ? outputs.value : {} }
}

async function setUp(run: JobRun, context: JobContext): Promise<boolean> {
  const { state, clock, workflow, job } = run
  const [step] = state.steps
  if (step !== undefined) begin(step, clock.now())
  run.publish()
  const { log } = context
  log.group('Runner', [`The sandbox on this machine (${process.platform}, ${process.arch})`, `Node.js ${nodeVersion}`])
  for (const place of workflow.ignored) log.write(`The sandbox ignores \`${place}\`.`)
  const event = context.eventFile()
  await writeFile(event.path, event.text)
  const ok = extendEnvironment(context, workflow.env) && extendEnvironment(context, job.env)
  log.write(`Complete job name: ${state.name}`)
  if (step !== undefined) complete(step, ok ? 'success' : 'failure', clock.now())
  run.publish()
  return ok
}

function extendEnvironment(context: JobContext, env: Record<string, string>): boolean {
  const values = evaluateMap(env, context.scope())
  if (values.ok) context.extend(values.value)
  else fail(context, `The environment of the job is not valid. ${values.message}`)
  return values.ok
}

function fail(context: JobContext, message: string): void {
  context.log.error(message)
  context.fail()
}

/**
 * Cancels the job after its `timeout-minutes`. GitHub gives the job and its run the conclusion `cancelled`, not `timed_out`: its documentation
 * says that it "automatically cancels" the job, and runs that exceed the limit are listed as cancelled.
 */
async function limitJob(run: JobRun, context: JobContext, finished: AbortSignal): Promise<void> {
  const limit = timeLimit(run.job.timeoutMinutes, context.scope())
  if (limit === undefined) {
    fail(context, `The \`timeout-minutes\` of the job is not a number of minutes: '${run.job.timeoutMinutes}'.`)
    return
  }
  await run.clock.sleep(limit.ms, finished)
  if (finished.aborted || run.control.cancelled.aborted) return
  context.log.error(`The job has exceeded the maximum execution time of ${limit.minutes} minutes.`)
  run.control.cancel()
}

async function cleanUp(run: JobRun, log: JobLog, folders: JobFolders, end: () => Promise<number>): Promise<void> {
  const { state, clock } = run
  const last = state.steps.at(-1)
  if (last !== undefined) begin(last, clock.now())
  const left = await end()
  log.write('Cleaning up orphan processes')
  if (left > 0) log.write(`Ended ${left} that the job left running.`)
  // A step may have made its files read-only, and a process that is ending may still write.
  await rm(folders.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch((error: unknown) => {
    log.warning(`The job's folder ${folders.root} could not be removed: ${String(error)}`)
  })
  if (last !== undefined) complete(last, 'success', clock.now())
}
