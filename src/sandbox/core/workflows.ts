import { remember } from '../../lib/remember.js'
import type { Repository, Workflow } from '../state/model.js'
import type { Triggers } from '../workflow/parse/triggers.js'
import { readTriggers } from '../workflow/parse/triggers.js'
import type { World } from '../world.js'
import { branchSha } from './revisions.js'

const FOLDER = '.github/workflows'

/** A workflow with its file. */
export interface WorkflowFile {
  workflow: Workflow
  text: string
}

/** Returns the workflows of the default branch, sorted by path. A workflow gets its ID the first time it is read. */
export async function listWorkflows(world: World, repository: Repository): Promise<WorkflowFile[]> {
  const sha = await branchSha(world, repository, repository.defaultBranch)
  const entries = sha === null ? null : await world.git.listTree(repository.id, sha, FOLDER)
  if (sha === null || entries === null) return []
  const files: WorkflowFile[] = []
  for (const { name, type } of entries) {
    if (type !== 'file' || !/\.ya?ml$/.test(name)) continue
    const path = `${FOLDER}/${name}`
    const text = await readText(world, repository, sha, path)
    if (text !== null) files.push({ workflow: registered(world, repository, path), text })
  }
  return files
}

/** Finds a workflow of the default branch by its ID or by its file (`build.yml`, or the whole path). */
export async function findWorkflow(world: World, repository: Repository, named: string): Promise<WorkflowFile | null> {
  const path = /^\d+$/.test(named)
    ? [...repository.workflows.values()].find((workflow) => workflow.id === Number(named))?.path
    : `${FOLDER}/${named.startsWith(`${FOLDER}/`) ? named.slice(FOLDER.length + 1) : named}`
  if (path === undefined || !/^[^/]+\.ya?ml$/.test(path.slice(FOLDER.length + 1))) return null
  const sha = await branchSha(world, repository, repository.defaultBranch)
  const text = sha === null ? null : await readText(world, repository, sha, path)
  return text === null ? null : { workflow: registered(world, repository, path), text }
}

/** Returns the text of a file at a commit, or null. */
export async function readText(
  world: World,
  repository: Repository,
  sha: string,
  path: string,
): Promise<string | null> {
  const file = await world.git.readFile(repository.id, sha, path)
  return file === null ? null : Buffer.from(file.content).toString('utf8')
}

/** Reads the triggers of a workflow file. Each dispatch and each listing reads the same few texts again. */
export const triggersOf = remember(100, readTriggers)

/** Returns the name in the workflow file, or else its path. */
export function workflowName(path: string, text: string): string {
  const triggers = triggersOf(text)
  return triggers.ok ? nameOf(path, triggers) : path
}

export function nameOf(path: string, triggers: Triggers): string {
  return triggers.name ?? path
}

function registered(world: World, repository: Repository, path: string): Workflow {
  const known = repository.workflows.get(path)
  if (known !== undefined) return known
  const now = world.clock.now()
  const workflow: Workflow = {
    id: world.directory.newId(),
    path,
    state: 'active',
    createdAt: now,
    updatedAt: now,
    nextRunNumber: 1,
  }
  repository.workflows.set(path, workflow)
  world.changed(repository)
  return workflow
}
