import { createHash } from 'node:crypto'
import type { Graph, Job } from '../../model/graph.js'
import { markerInput } from '../../model/build/marker.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'

/** A file of a repository. */
export interface MadeFile {
  /** From the root of the repository. */
  path: string
  text: string
  /** Whether any file of that name serves as well, because the repository builds in its own way. */
  isReplaceable: boolean
}

/** Begins the first line of each file that orch makes; the digest of the rest of the file follows. */
const mark = '# Made by orch setup'

/** Whether orch made a file, which somebody may have edited since. */
export function isMadeByOrch(text: string): boolean {
  return text.startsWith(mark)
}

/** Whether a file is as orch made it, possibly in an older version or for an older graph file. */
export function isUnedited(text: string): boolean {
  const [, digest, rest = ''] = /^# Made by orch setup ([0-9a-f]{12})(:[^]*)$/u.exec(text) ?? []
  return digest !== undefined && digest === digestOf(rest)
}

/** Adds the digest to the first line of a text. */
export function stamp(text: string): string {
  const rest = text.slice(mark.length)
  return `${mark} ${digestOf(rest)}${rest}`
}

function digestOf(rest: string): string {
  return createHash('sha256').update(rest).digest('hex').slice(0, 12)
}

/** The Action that the workflows use. */
const action = 'ismenablement/orch@v1'
const secret = '${{ secrets.ORCH_TOKEN }}'
const permissions =
  '# ORCH_TOKEN needs, on all repositories of the graph: metadata read, contents read, pull requests read, commit statuses write'

/**
 * The workflow files of one repository.
 * @param orchestrator the repository that holds the graph file; null: not known, so that only the builds can be made
 */
export function madeFiles(graph: Graph, repo: RepoName, orchestrator: RepoName | null): MadeFile[] {
  const jobs = graph.jobs.filter((job) => repoKey(job.repo) === repoKey(repo))
  // The workflow that an event starts is the repository's own.
  const dispatched = jobs.filter(({ event }) => event === undefined)
  const builds = [...new Set(dispatched.map(({ workflow }) => workflow))].map((workflow): MadeFile => {
    return { ...file(workflow, buildWorkflow(graph, workflow, dispatched)), isReplaceable: true }
  })
  if (orchestrator === null) return builds
  const isOrchestrator = repoKey(repo) === repoKey(orchestrator)
  return [
    ...builds,
    ...(jobs.length > 0 ? [file('invalidate.yml', invalidateWorkflow(graph, orchestrator))] : []),
    ...(isOrchestrator
      ? [
          file('orchestrate.yml', orchestrateWorkflow),
          file('orchestrate-invalidate.yml', orchestrateInvalidateWorkflow),
        ]
      : []),
  ]
}

function file(name: string, text: string): MadeFile {
  return { path: `.github/workflows/${name}`, text: stamp(text), isReplaceable: false }
}

function buildWorkflow({ statusContext }: Graph, workflow: string, jobs: readonly Job[]): string {
  const inputs = new Set(jobs.filter((job) => job.workflow === workflow).flatMap((job) => Object.keys(job.inputs)))
  inputs.delete(markerInput)
  const declared = [...inputs].map((name) => `      ${name}:\n        type: string\n        default: ''\n`).join('')
  // A check run has the name of its job, and must not be taken for the status.
  const job = statusContext.toLowerCase() === 'build' ? 'main' : 'build'
  return `${mark}: the build that orch dispatches. Put your build in place of the last step.
name: ${workflow.replace(/\.ya?ml$/u, '')}
# Shows in the list of runs which orchestration started this one.
run-name: '${workflow.replace(/\.ya?ml$/u, '')} \${{ github.ref_name }} [orch:\${{ inputs.${markerInput} }}]'

on:
  workflow_dispatch:
    inputs:
      ${markerInput}:
        description: The orchestration that started this build
        type: string
        default: ''
${declared}
permissions:
  contents: read

jobs:
  ${job}:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      # It fails until your build is here, so that nothing is unlocked without one.
      - run: |
          echo 'There is no build yet: edit .github/workflows/${workflow}' >&2
          exit 1
`
}

function invalidateWorkflow(graph: Graph, orchestrator: RepoName): string {
  return `${mark}: locks the whole change when one of its pull requests changes.
${permissions},
# and contents read on ${orchestrator}.
name: invalidate

on:
  pull_request:
    types: [opened, reopened, synchronize, edited, closed]

permissions: {}

jobs:
  invalidate:
    # Only for branches of changes, and never for those of forks. Not for a changed title, and not for a merge, which ends the change.
    if: >-
      ${branchCondition(graph)} &&
      github.event.pull_request.head.repo.full_name == github.repository &&
      (github.event.action != 'edited' || github.event.changes.base) &&
      (github.event.action != 'closed' || !github.event.pull_request.merged)
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      # The repository that holds orchestrator.yaml.
      - uses: actions/checkout@v4
        with:
          repository: ${orchestrator}
          token: ${secret}
          persist-credentials: false
      # A pull request that is opened or reopened may join the orchestration that is running. Every other event changes the tested set.
      - uses: ${action}
        with:
          command: invalidate
          branch: \${{ github.head_ref }}
          reason: \${{ github.event.repository.name }} changed
          token: ${secret}
          arguments: \${{ (github.event.action == 'opened' || github.event.action == 'reopened') && '--if-changed' || '' }}
`
}

/** Saves a runner for all other branches. \`startsWith\` ignores case, so orch itself decides. */
function branchCondition({ branches }: Graph): string {
  const conditions = branches.filter((pattern) => !pattern.startsWith('!')).map(conditionOf)
  return conditions.length === 1 ? conditions.join('') : `(${conditions.join(' || ')})`
}

function conditionOf(pattern: string): string {
  const prefix = /^[^*?+[\\]*/u.exec(pattern)?.[0] ?? ''
  // A character before ? or + is optional or repeated.
  const sure = /^[?+]/u.test(pattern.slice(prefix.length)) ? prefix.slice(0, -1) : prefix
  const starts = `startsWith(github.head_ref, '${sure.replaceAll("'", "''")}')`
  // A single star matches no slash.
  return /^[^*/]*\*$/u.test(pattern) ? `${starts} && !contains(github.head_ref, '/')` : starts
}

const orchestrateWorkflow = `${mark}: runs a change from GitHub: Actions, "orchestrate", Run workflow.
${permissions},
# and actions write.
name: orchestrate
run-name: 'orchestrate \${{ inputs.branch }}'

on:
  workflow_dispatch:
    inputs:
      branch:
        description: Branch of the change
        type: string
        required: true

permissions:
  contents: read

concurrency:
  # One orchestration of a change at a time; a newer one waits.
  group: orchestrate-\${{ inputs.branch }}

jobs:
  run:
    runs-on: ubuntu-latest
    # GitHub kills a job at this limit. The limit of orch below is shorter, so that it has time to cancel the builds and close the statuses.
    timeout-minutes: 360
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - id: orch
        uses: ${action}
        with:
          command: run
          branch: \${{ inputs.branch }}
          token: ${secret}
          arguments: --timeout=5h30m
`

const orchestrateInvalidateWorkflow = `${mark}: locks a change when another program asks for it:
# gh api repos/OWNER/REPO/dispatches -f event_type=invalidate -F 'client_payload[branch]=BRANCH'
${permissions}.
name: orchestrate-invalidate
run-name: 'invalidate \${{ github.event.client_payload.branch }}'

on:
  repository_dispatch:
    types: [invalidate]

permissions:
  contents: read

jobs:
  invalidate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: ${action}
        with:
          command: invalidate
          branch: \${{ github.event.client_payload.branch }}
          reason: \${{ github.event.client_payload.reason || 'asked for by an event' }}
          token: ${secret}
`
