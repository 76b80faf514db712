import { presentRun, presentWorkflow } from '../../present/run.js'
import type { Account, Repository, RunAttempt, WorkflowRun } from '../../state/model.js'
import type { World } from '../../world.js'

/** Emits `workflow_run` for the current attempt of a run. */
export function emitRun(
  world: World,
  run: WorkflowRun,
  attempt: RunAttempt,
  action: 'requested' | 'in_progress' | 'completed',
): void {
  const repository = world.directory.state.repositories.get(run.repositoryId)
  if (repository === undefined) return
  world.webhooks.emit({
    name: 'workflow_run',
    action,
    repository,
    sender: world.directory.accountById(attempt.triggeringActorId),
    async payload() {
      const shown = { ...attempt }
      const shownRun = { ...run, attempts: run.attempts.map((each) => (each === attempt ? shown : each)) }
      const workflow = repository.workflows.get(run.workflowPath)
      const commit = await world.git.readCommit(repository.id, run.headSha)
      if (commit === null) throw new Error(`the commit ${run.headSha} of run ${run.id} is gone`)
      return {
        workflow_run: presentRun(world, repository, { run: shownRun, attempt: shown, commit }),
        workflow: workflow === undefined ? null : presentWorkflow(world, repository, workflow, run.workflowName),
      }
    },
  })
}

/** Emits `workflow_dispatch`, which only Apps receive. */
export function emitWorkflowDispatch(world: World, repository: Repository, run: WorkflowRun, sender: Account): void {
  const { inputs, ref, workflowPath: workflow } = run
  world.webhooks.emit({ name: 'workflow_dispatch', repository, sender, payload: () => ({ inputs, ref, workflow }) })
}

/** Emits `repository_dispatch`, which only Apps receive. */
export function emitRepositoryDispatch(
  world: World,
  repository: Repository,
  sender: Account,
  dispatch: { eventType: string; clientPayload: Record<string, unknown> },
): void {
  const { eventType: action, clientPayload } = dispatch
  const payload = (): Record<string, unknown> => ({ branch: repository.defaultBranch, client_payload: clientPayload })
  world.webhooks.emit({ name: 'repository_dispatch', action, repository, sender, payload })
}
