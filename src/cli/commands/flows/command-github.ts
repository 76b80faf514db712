import { checkBranch } from '../../../app/choose-branch.js'
import { invalidateChange } from '../../../app/invalidate-change.js'
import type { Problem, Result } from '../../../app/problem.js'
import { endOfRun, endOfStopped } from '../../../app/run/end-of-run.js'
import type { RunEnd } from '../../../app/run/end-of-run.js'
import { readEvent } from '../../../app/run/event-key.js'
import { statusLink } from '../../../app/run/status-link.js'
import { runChange } from '../../../app/run-change.js'
import { dispatchStep } from '../../../flows/dispatch-step.js'
import type { LocalGitHub } from '../../../flows/local/local-flows.js'
import type { StepContext } from '../../../flows/perform-step.js'
import { failureText } from '../../../lib/failure-text.js'
import type { StepEnd } from '../../../model/flow/flow-progress.js'
import type { Store } from '../../../ports/store.js'
import { defaultRunSettings } from '../../../service/commands/create-change-commands.js'
import { invalidateMatching } from '../../../service/commands/invalidate-matching.js'
import type { Log } from '../../../service/operations/log.js'
import { connect } from '../../connect/github-connection.js'
import type { Connection } from '../../connect/github-connection.js'
import { loadGraph } from '../../connect/graph-file.js'
import type { LoadedGraph } from '../../connect/graph-file.js'
import { openStore } from '../../connect/open-store.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'

/** The graph file and GitHub of the command. */
interface GitHubSession {
  loaded: LoadedGraph
  connection: Connection
  store: Store
}

/** What the steps of flows do on GitHub when a command executes them. */
export interface CommandGitHub extends LocalGitHub {
  close: () => Promise<void>
}

/** Nothing is read and connected before the first call. */
export function createCommandGitHub(context: Context, messages: Messages): CommandGitHub {
  let opening: Promise<Result<GitHubSession>> | null = null
  const open = (): Promise<Result<GitHubSession>> => (opening ??= openSession(context, messages))
  const within = async (act: (session: GitHubSession) => Promise<StepEnd>): Promise<StepEnd> => {
    const opened = await open()
    return opened.ok ? act(opened.value) : { status: 'failed', message: textOf(opened.problems) }
  }
  return {
    problem: async () => {
      const opened = await open()
      return opened.ok ? null : textOf(opened.problems)
    },
    dispatch: (event, step) =>
      within(({ connection }) => dispatchStep({ host: connection.github, clock: context.clock }, event, step)),
    run: (branch, step) => within((session) => buildChange(context, session, branch, step)),
    invalidate: (pattern, step) => within((session) => lockChanges({ context, messages, session, pattern, step })),
    close: async () => {
      const opened = await opening
      if (opened?.ok === true) await opened.value.connection.close()
    },
  }
}

async function openSession(context: Context, messages: Messages): Promise<Result<GitHubSession>> {
  const loaded = await loadGraph(context, {})
  if (!loaded.ok) return loaded
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  const connection = await connect(context, loaded.value.graph, messages, { verbose: false })
  if (!connection.ok) return connection
  return {
    ok: true,
    value: { loaded: loaded.value, connection: connection.value, store: openStore(context, loaded.value) },
  }
}

/** Builds a change as `orch run` does, without a display: `orch watch` shows it. */
async function buildChange(
  { env, clock, random }: Context,
  { loaded: { graph }, connection: { github: host, serverUrl }, store }: GitHubSession,
  branch: string,
  { attempt, index, signal }: StepContext,
): Promise<StepEnd> {
  const checked = checkBranch(graph, branch)
  if (!checked.ok) return { status: 'failed', message: textOf(checked.problems) }
  const driven = await runChange({
    host,
    clock,
    random,
    graph,
    store,
    branch,
    event: readEvent({ env: {}, branch, named: `flow:${attempt.id}-${index + 1}` }),
    settings: defaultRunSettings,
    serverUrl,
    link: statusLink({ env, serverUrl, branch }),
    frontend: {
      openReporter: () => Promise.resolve({ report: () => undefined, close: () => Promise.resolve() }),
      onInterrupt: () => () => undefined,
      onDrive: (drive) => {
        const cancel = (): void => drive.cancel('the cancelled run of a flow')
        if (signal.aborted) cancel()
        else signal.addEventListener('abort', cancel, { once: true })
      },
    },
    note: () => undefined,
    follow: false,
  })
  switch (driven.kind) {
    case 'ended':
      return toStepEnd(endOfRun(driven.orchestration.ending))
    case 'stopped':
      return toStepEnd(endOfStopped(driven))
    case 'suspended':
      return { status: 'failed', message: 'GitHub does not accept the token; orch resume continues with another one' }
    case 'handed-over':
      throw new Error('a command hands nothing over')
  }
}

interface LockOptions {
  context: Context
  messages: Messages
  session: GitHubSession
  pattern: string
  step: StepContext
}

async function lockChanges({ context, messages, session, pattern, step }: LockOptions): Promise<StepEnd> {
  const { env, clock, random } = context
  const { loaded, connection, store } = session
  const { github: host, serverUrl } = connection
  const { graph } = loaded
  const note = (fields: object, text: string): void => messages.note(`${text}: ${JSON.stringify(fields)}`)
  const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note, with: () => log }
  const invalidate = (branch: string, by: string) =>
    invalidateChange({
      host,
      clock,
      random,
      store,
      graph,
      branch,
      onlyIfChanged: false,
      reason: `requested by ${by}`,
      link: statusLink({ env, serverUrl, branch }),
      isDryRun: false,
    })
  try {
    const branches = await invalidateMatching(
      { graph, host, log, commands: { invalidate } },
      pattern,
      `flow ${step.run.flow}`,
    )
    const what = branches.length === 0 ? 'no change matches' : `locked ${branches.join(', ')}`
    return { status: 'completed', message: what }
  } catch (error) {
    return { status: 'failed', message: failureText(error) }
  }
}

function toStepEnd({ status, result }: RunEnd): StepEnd {
  return { status, message: result }
}

function textOf(problems: readonly Problem[]): string {
  return problems.map(({ message, why }) => `${message}: ${why}`).join('; ')
}
