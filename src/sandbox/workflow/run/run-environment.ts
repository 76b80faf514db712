import { dirname, delimiter } from 'node:path'
import process from 'node:process'
import type { Execution } from '../../executor.js'
import type { Value } from '../expression/expression-value.js'

/** The folders of one job, all inside one temporary folder. */
export interface JobFolders {
  root: string
  workspace: string
  temp: string
  home: string
}

const operatingSystem = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
const architecture = { x64: 'X64', arm64: 'ARM64', arm: 'ARM', ia32: 'X86' }

const named = (names: Record<string, string>, key: string): string => names[key] ?? key

const runnerOs = named(operatingSystem, process.platform)
const runnerArchitecture = named(architecture, process.arch)
const runnerName = 'orch-sandbox'

/** Version of the Node.js that builds find on their PATH. */
export const nodeVersion = process.version
/** The program that runs JavaScript actions. */
export const nodePath = process.execPath

/**
 * Returns all variables that a build inherits from this machine. The rest of the caller's environment must not reach a build, because it holds tokens,
 * sockets of agents, and settings of npm and git.
 */
export function machineEnvironment(folders: JobFolders): Record<string, string> {
  const inherited = process.env.PATH ?? ''
  return {
    PATH: [
      dirname(process.execPath),
      ...(inherited === '' ? ['/usr/local/bin', '/usr/bin', '/bin'] : [inherited]),
    ].join(delimiter),
    HOME: folders.home,
    TMPDIR: folders.temp,
    LANG: 'C.UTF-8',
    CI: 'true',
  }
}

/** The part of a run that its contexts and variables depend on. */
export type RunFacts = Omit<
  Execution,
  'checkout' | 'openJob' | 'cancelled' | 'killed' | 'update' | 'workflowText' | 'previous'
>

/** Builds the `github` context of a run without its job-specific entries. As on GitHub, numbers are text. */
export function githubContext(run: RunFacts, workflowName: string | undefined): Record<string, Value> {
  const [owner = '', name = ''] = run.repo.split('/')
  const refName = run.ref.replace(/^refs\/(heads|tags)\//, '')
  return {
    actor: run.actor,
    api_url: run.apiUrl,
    base_ref: '',
    event: {
      ...triggerOf(run, refName),
      repository: { full_name: run.repo, name, owner: { login: owner }, html_url: `${run.serverUrl}/${run.repo}` },
      sender: { login: run.actor },
    },
    event_name: run.event,
    graphql_url: graphqlUrl(run.apiUrl),
    head_ref: '',
    ref: run.ref,
    ref_name: refName,
    ref_protected: false,
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository: run.repo,
    repository_owner: owner,
    run_attempt: String(run.runAttempt),
    run_id: String(run.runId),
    run_number: String(run.runNumber),
    server_url: run.serverUrl,
    sha: run.sha,
    token: '',
    triggering_actor: run.actor,
    workflow: workflowName ?? run.workflowPath,
    workflow_ref: `${run.repo}/${run.workflowPath}@${run.ref}`,
    workflow_sha: run.sha,
  }
}

/** Returns the event-specific fields of the payloads of `repository_dispatch` and `workflow_dispatch`. */
function triggerOf({ dispatch, inputs, ref, workflowPath }: RunFacts, refName: string): Record<string, Value> {
  if (dispatch === undefined || dispatch === null) return { inputs, ref, workflow: workflowPath }
  // The cast is safe because the payload was parsed from JSON.
  const payload = dispatch.clientPayload as Record<string, Value>
  return { action: dispatch.eventType, branch: refName, client_payload: payload }
}

/** GitHub Enterprise Server has REST under `/api/v3` and GraphQL under `/api/graphql`; github.com has both under api.github.com. */
const graphqlUrl = (apiUrl: string): string =>
  apiUrl.endsWith('/api/v3') ? apiUrl.replace(/v3$/, 'graphql') : `${apiUrl}/graphql`

/** Derives the GITHUB_* variables from a job's `github` context: one for each entry that is text. */
export function githubVariables(github: Record<string, Value>): Record<string, string> {
  const entries = Object.entries(github).flatMap(([name, value]) =>
    name === 'token' || typeof value === 'object' ? [] : [[`GITHUB_${name.toUpperCase()}`, String(value)]],
  )
  return { ...(Object.fromEntries(entries) as Record<string, string>), GITHUB_ACTIONS: 'true' }
}

/** Builds the `runner` context. */
export const runnerContext = (folders: JobFolders): Record<string, string> => ({
  name: runnerName,
  os: runnerOs,
  arch: runnerArchitecture,
  temp: folders.temp,
  tool_cache: folders.temp,
  environment: 'self-hosted',
})

/** Derives the RUNNER_* variables from the `runner` context. */
export const runnerVariables = (runner: Record<string, string>, trackingId: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(runner).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value])),
  RUNNER_TRACKING_ID: trackingId,
})
