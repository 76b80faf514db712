import type { WorkflowFile, WorkflowState } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { WorkflowText } from '../../ports/host/workflow-texts.js'
import type { Ask } from '../api/ask.js'
import { text, UnexpectedShape } from '../api/fields.js'
import { toWorkflowState } from '../api/payload.js'
import { needs } from '../api/permissions.js'
import { interpret, isNotFound, listOf, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** The workflow files at the head of a branch, unless it is null, and on the default branch: two requests for each, or one. */
export async function readWorkflows(
  requests: Requests,
  repo: RepoName,
  workflows: readonly string[],
  headSha: string | null,
): Promise<Read<WorkflowFile[]>> {
  const files: WorkflowFile[] = []
  const absent: Read<null> = { ok: true, value: null }
  const reads = await Promise.all(
    workflows.map((workflow) =>
      Promise.all([
        headSha === null ? absent : readWorkflow(requests, repo, workflow, headSha),
        readWorkflow(requests, repo, workflow, null),
      ]),
    ),
  )
  for (const [index, [atHead, atDefaultBranch]] of reads.entries()) {
    if (!atHead.ok) return atHead
    if (!atDefaultBranch.ok) return atDefaultBranch
    files.push({ workflow: workflows[index] ?? '', atHead: atHead.value, atDefaultBranch: atDefaultBranch.value })
  }
  return { ok: true, value: files }
}

/**
 * Text of a workflow file at a commit, or on the default branch if `sha` is null; null: the file does not exist.
 * GET /repos/{owner}/{repo}/contents/{path} with the media type `raw`.
 */
export async function readWorkflow(
  requests: Requests,
  repo: RepoName,
  workflow: string,
  sha: string | null,
): Promise<Read<string | null>> {
  const ask: Ask = {
    repo,
    need: needs.readContents,
    thing: `workflow ${workflow} of ${repo}`,
    path: repoPath(repo, 'contents', '.github', 'workflows', workflow),
    accept: 'application/vnd.github.raw+json',
    ...(sha === null ? {} : { parameters: { ref: sha } }),
  }
  const answer = await requests.get(ask)
  return isNotFound(answer) ? { ok: true, value: null } : interpret(ask, answer, toText)
}

function toText(body: unknown): string {
  if (typeof body === 'string') return body
  if (body instanceof ArrayBuffer) return new TextDecoder().decode(body)
  throw new UnexpectedShape('it is not a file')
}

/** The names of the files below `.github/workflows/` (GET /repos/{owner}/{repo}/contents/{path}); empty: there is no such folder. */
export async function listWorkflowFiles(
  requests: Requests,
  repo: RepoName,
  sha: string | null,
): Promise<Read<string[]>> {
  const ask: Ask = {
    repo,
    need: needs.readContents,
    thing: `the workflows of ${repo}`,
    path: repoPath(repo, 'contents', '.github', 'workflows'),
    ...(sha === null ? {} : { parameters: { ref: sha } }),
  }
  const answer = await requests.get(ask)
  return isNotFound(answer) ? { ok: true, value: [] } : interpret(ask, answer, listOf(toName))
}

/** The text of each workflow file of the default branch: one request for the list, and one for each file. */
export async function readWorkflowTexts(requests: Requests, repo: RepoName): Promise<Read<WorkflowText[]>> {
  const names = await listWorkflowFiles(requests, repo, null)
  if (!names.ok) return names
  const workflows = names.value.filter((name) => /\.ya?ml$/u.test(name))
  const reads = await Promise.all(workflows.map((workflow) => readWorkflow(requests, repo, workflow, null)))
  const texts: WorkflowText[] = []
  for (const [index, read] of reads.entries()) {
    if (!read.ok) return read
    // A file that is gone again has no text.
    if (read.value !== null) texts.push({ workflow: workflows[index] ?? '', text: read.value })
  }
  return { ok: true, value: texts }
}

function toName(payload: unknown): string {
  return text(payload, 'name')
}

/**
 * GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}. null: GitHub answers 404 or 403, because it has not noticed the file yet, or
 * because the token may not see Actions.
 */
export async function readWorkflowState(
  requests: Requests,
  repo: RepoName,
  workflow: string,
): Promise<Read<WorkflowState | null>> {
  const ask: Ask = {
    repo,
    need: needs.readRuns,
    thing: `workflow ${workflow} of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows', workflow),
  }
  const answer = await requests.get(ask)
  const isHidden = isNotFound(answer) || (!answer.ok && answer.failure.kind === 'forbidden')
  return isHidden ? { ok: true, value: null } : interpret(ask, answer, toState)
}

function toState(payload: unknown): WorkflowState {
  return toWorkflowState(text(payload, 'state'))
}
