import { sanitize } from '../../lib/sanitize.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'

/** A need of a job, with the reason for it as a comment: untrusted text; null: none. */
export interface DraftNeed {
  id: string
  comment: string | null
}

export interface DraftJob {
  id: string
  repo: RepoName
  /** File name below `.github/workflows`; null: that of `defaults`. */
  workflow: string | null
  needs: readonly DraftNeed[]
  /** Needs that are written as comments, because they would form a cycle. */
  leftOut: readonly DraftNeed[]
}

/** A graph file to be written. */
export interface GraphDraft {
  owner: string
  branches: readonly string[]
  statusContext: string
  /** File name below `.github/workflows`, for the jobs that name none. */
  workflow: string
  /** In topological order. */
  jobs: readonly DraftJob[]
}

/** The text of `orchestrator.yaml` for a reader who sees such a file for the first time. `schema`: the address of its JSON Schema. */
export function renderGraphFile(draft: GraphDraft, schema: string): string {
  const { branches } = draft
  const pattern = branches.length === 1 ? scalar(branches[0] ?? '') : `[${branches.map(scalar).join(', ')}]`
  return `# yaml-language-server: $schema=${schema}
# The graph of the repositories that orch builds together.
version: 1

# The user or organization that owns the repositories below. Write owner/name for one of another owner.
owner: ${scalar(draft.owner)}

# The branches of coordinated changes: branches of the same name in several repositories are one change.
# Patterns work as under on.push.branches in GitHub Actions. Narrow them to your tickets, such as PAY-*.
branches: ${pattern}

# The commit status that unlocks the pull requests of a change. Require it on the default branch of each repository.
status-context: ${scalar(draft.statusContext)}

# For every job that does not say otherwise.
defaults:
  # The file below .github/workflows that builds the repository. It needs "on: workflow_dispatch".
  workflow: ${scalar(draft.workflow)}
  # How long a build may take.
  timeout-minutes: 30

# One job for each repository. Its name is that of the repository, unless "repo" names another one.
# "needs" lists the jobs that must have succeeded before this one is built.
jobs:
${draft.jobs.map((job) => renderJob(job, draft)).join('')}`
}

function renderJob(job: DraftJob, { owner }: GraphDraft): string {
  const isNamed = repoKey(job.repo) === repoKey(`${owner}/${job.id}`)
  const lines = [
    ...(isNamed ? [] : [`repo: ${scalar(withoutOwner(job.repo, owner))}`]),
    ...(job.workflow === null ? [] : [`workflow: ${scalar(job.workflow)}`]),
    ...(job.needs.length === 0 ? [] : ['needs:', ...job.needs.map((need) => `  - ${withComment(need)}`)]),
    ...job.leftOut.map((need) => `# left out, because it is part of a cycle: needs ${withComment(need)}`),
  ]
  const hasKeys = !isNamed || job.workflow !== null || job.needs.length > 0
  const head = `  ${scalar(job.id)}:${hasKeys ? '' : ' {}'}\n`
  return head + lines.map((line) => `    ${line}\n`).join('')
}

function withoutOwner(repo: RepoName, owner: string): string {
  const [first = '', name = ''] = repo.split('/')
  return repoKey(first) === repoKey(owner) ? name : repo
}

function withComment({ id, comment }: DraftNeed): string {
  return comment === null ? scalar(id) : `${scalar(id)} # ${sanitize(comment)}`
}

/** Words that YAML 1.2 reads as something else than text; YAML 1.1, which other programs may use, has more of them. */
const otherMeaning = /^(?:true|false|null|yes|no|on|off|y|n)$/iu

/** Text as YAML: plain where that is certainly the same text. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w./-]*$/u.test(text) && !otherMeaning.test(text) ? text : JSON.stringify(text)
}
