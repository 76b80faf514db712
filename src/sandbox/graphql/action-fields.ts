import { branchNameOf, currentAttempt } from '../core/runs.js'
import { branchSha } from '../core/revisions.js'
import { readText, workflowName } from '../core/workflows.js'
import { permission } from '../http/call.js'
import { inPath, nodeId, timestamp } from '../present/common.js'
import { runUrls, workflowNodeId } from '../present/run.js'
import { repositoryPage } from '../present/repository.js'
import { ACTIONS_APP } from './actions-app.js'
import { commitOf } from './commit-fields.js'
import type { Fields } from './fields.js'
import { requirePermission } from './fields.js'
import { findRef } from './repository-fields.js'
import type { RunSource, WorkflowSource } from './sources.js'
import { repositorySource, runSource } from './sources.js'

const ACTIONS = permission('actions', 'read')
const CHECKS = permission('checks', 'read')

/** A check suite reflects the current attempt of its run. As on GitHub, a re-run resets it. */
export const checkSuiteFields: Fields<RunSource<'CheckSuite'>> = {
  id: ({ run }) => nodeId('CheckSuite', run.id),
  databaseId: ({ run }) => run.id,
  app: () => ACTIONS_APP,
  repository: ({ repository }) => repositorySource(repository),
  status: ({ run }) => currentAttempt(run).status.toUpperCase(),
  conclusion: ({ run }) => currentAttempt(run).conclusion?.toUpperCase(),
  createdAt: ({ run }) => timestamp(run.createdAt),
  updatedAt: ({ run }) => timestamp(currentAttempt(run).updatedAt),
  commit: ({ repository, run }, _args, context) => commitOf(context, repository, run.headSha),
  branch: ({ repository, run }, _args, { world }) => {
    return branchNameOf(run) === null ? null : findRef(world, repository, run.ref)
  },
  workflowRun: ({ repository, run }, _args, context) => {
    requirePermission(context, repository, ACTIONS)
    return runSource('WorkflowRun', repository, run)
  },
}

export const workflowRunFields: Fields<RunSource<'WorkflowRun'>> = {
  id: ({ run }) => nodeId('WorkflowRun', run.id),
  /** The ID exceeds 32 bits, so that this field is an error, as on GitHub. */
  databaseId: ({ run }) => run.id,
  runNumber: ({ run }) => run.runNumber,
  event: ({ run }) => run.event,
  createdAt: ({ run }) => timestamp(run.createdAt),
  updatedAt: ({ run }) => timestamp(currentAttempt(run).updatedAt),
  resourcePath: ({ repository, run }, _args, { world }) => {
    return `/${world.directory.fullName(repository)}/actions/runs/${run.id}`
  },
  url: ({ repository, run }, _args, { world }) => runUrls(world, repository, run).page,
  checkSuite: ({ repository, run }, _args, context) => {
    requirePermission(context, repository, CHECKS)
    return runSource('CheckSuite', repository, run)
  },
  workflow: ({ repository, run }) => {
    const workflow = repository.workflows.get(run.workflowPath)
    if (workflow === undefined) throw new Error(`the workflow ${run.workflowPath} of run ${run.id} is gone`)
    return { __typename: 'Workflow', repository, workflow }
  },
  file: ({ repository, run }) => runSource('WorkflowRunFile', repository, run),
}

export const workflowRunFileFields: Fields<RunSource<'WorkflowRunFile'>> = {
  id: ({ run }) => nodeId('WorkflowRunFile', run.id),
  path: ({ run }) => run.workflowPath,
  run: ({ repository, run }) => runSource('WorkflowRun', repository, run),
  resourcePath: ({ repository, run }, _args, { world }) => {
    return `/${world.directory.fullName(repository)}/actions/runs/${run.id}/workflow`
  },
  url: ({ repository, run }, _args, { world }) => `${runUrls(world, repository, run).page}/workflow`,
}

export const workflowFields: Fields<WorkflowSource> = {
  id: ({ repository, workflow }) => workflowNodeId(repository, workflow),
  databaseId: ({ workflow }) => workflow.id,
  name: async ({ repository, workflow }, _args, { world }) => {
    const sha = await branchSha(world, repository, repository.defaultBranch)
    const text = sha === null ? null : await readText(world, repository, sha, workflow.path)
    return workflowName(workflow.path, text ?? '')
  },
  state: ({ workflow }) => workflow.state.toUpperCase(),
  createdAt: ({ workflow }) => timestamp(workflow.createdAt),
  updatedAt: ({ workflow }) => timestamp(workflow.updatedAt),
  resourcePath: ({ repository, workflow }, _args, { world }) => {
    return `/${world.directory.fullName(repository)}/actions/workflows/${fileName(workflow.path)}`
  },
  url: ({ repository, workflow }, _args, { world }) => {
    return `${repositoryPage(world, repository)}/actions/workflows/${fileName(workflow.path)}`
  },
}

function fileName(path: string): string {
  return inPath(path.slice(path.lastIndexOf('/') + 1))
}
