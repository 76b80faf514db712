import type { Answer, Result } from '../http/answer.js'
import { failure, found, invalidRequest, refuse } from '../http/answer.js'
import type { Account, Repository, WorkflowRun } from '../state/model.js'
import type { InputDeclaration, Triggers } from '../workflow/parse/triggers.js'
import type { Value } from '../workflow/expression/expression-value.js'
import { displayTitle, typedInputs } from '../workflow/parse/triggers.js'
import { emitRepositoryDispatch, emitWorkflowDispatch } from '../webhooks/events/workflow.js'
import type { World } from '../world.js'
import { branchSha, resolveRefName } from './revisions.js'
import type { WorkflowFile } from './workflows.js'
import { listWorkflows, nameOf, readText, triggersOf } from './workflows.js'

const MAX_INPUTS = 25
const MAX_INPUT_CHARACTERS = 65_535

/** Starts a run of a workflow of the default branch at a ref, or rejects it as POST …/actions/workflows/{workflow_id}/dispatches does. */
export async function dispatchWorkflow(
  world: World,
  repository: Repository,
  { workflow }: WorkflowFile,
  request: { actor: Account; ref: string; inputs: Record<string, unknown> },
): Promise<Result<WorkflowRun>> {
  if (workflow.state !== 'active') {
    return refuse(failure(422, `Cannot trigger a 'workflow_dispatch' on a disabled workflow`))
  }
  const target = await resolveRefName(world, repository, request.ref)
  if (target === null) return refuse(failure(422, `No ref found for: ${request.ref}`))
  const text = await readText(world, repository, target.sha, workflow.path)
  const triggers = text === null ? null : triggersOf(text)
  if (triggers?.ok === false) return refuse(failure(422, `failed to parse workflow: ${triggers.message}`))
  if (triggers?.workflowDispatch === undefined) {
    return refuse(failure(422, `Workflow does not have 'workflow_dispatch' trigger`))
  }
  const declared = triggers.workflowDispatch.inputs
  const inputs = readInputs(declared, request.inputs)
  if (!inputs.ok) return inputs
  const event = { inputs: inputs.value, ref: target.ref }
  const title = titleOf(world, repository, triggers, { ...target, inputs: typedInputs(declared, inputs.value), event })
  const run = addRun(world, repository, workflow, {
    ...target,
    event: 'workflow_dispatch',
    actor: request.actor,
    inputs: inputs.value,
    dispatch: null,
    name: nameOf(workflow.path, triggers),
    title: title ?? nameOf(workflow.path, triggers),
  })
  emitWorkflowDispatch(world, repository, run, request.actor)
  return found(run)
}

/** Starts the workflows of the default branch that subscribe to this `repository_dispatch`. */
export async function dispatchRepository(
  world: World,
  repository: Repository,
  request: { actor: Account; eventType: string; clientPayload: Record<string, unknown> },
): Promise<WorkflowRun[]> {
  emitRepositoryDispatch(world, repository, request.actor, request)
  const sha = await branchSha(world, repository, repository.defaultBranch)
  if (sha === null) return []
  const ref = `refs/heads/${repository.defaultBranch}`
  const { eventType: action, clientPayload: payload } = request
  // The value was parsed from JSON, so the cast is safe.
  const event = { action, branch: repository.defaultBranch, client_payload: payload as Record<string, Value> }
  const runs: WorkflowRun[] = []
  for (const { workflow, text } of await listWorkflows(world, repository)) {
    const triggers = triggersOf(text)
    if (!triggers.ok || triggers.repositoryDispatch === undefined || workflow.state !== 'active') continue
    const { types } = triggers.repositoryDispatch
    if (types !== undefined && !types.includes(request.eventType)) continue
    const run = addRun(world, repository, workflow, {
      ref,
      sha,
      event: 'repository_dispatch',
      actor: request.actor,
      inputs: {},
      dispatch: { eventType: action, clientPayload: payload },
      name: nameOf(workflow.path, triggers),
      title: titleOf(world, repository, triggers, { ref, sha, inputs: {}, event }) ?? request.eventType,
    })
    runs.push(run)
  }
  return runs
}

function titleOf(
  world: World,
  repository: Repository,
  triggers: Triggers,
  run: { ref: string; sha: string; inputs: Record<string, Value>; event: Record<string, Value> },
): string | undefined {
  const github = {
    ref: run.ref,
    ref_name: run.ref.replace(/^refs\/(?:heads|tags)\//, ''),
    sha: run.sha,
    repository: world.directory.fullName(repository),
    event: run.event,
  }
  return displayTitle(triggers.runName, { inputs: run.inputs, github })
}

function readInputs(
  declared: Record<string, InputDeclaration>,
  given: Record<string, unknown>,
): Result<Record<string, string>> {
  const names = Object.keys(given)
  if (names.length > MAX_INPUTS) {
    const problem = `No more than ${MAX_INPUTS} properties are allowed; ${names.length} were supplied.`
    return refuse(invalidRequest(problem))
  }
  const unexpected = names.filter((name) => !Object.hasOwn(declared, name))
  if (unexpected.length > 0) {
    return refuse(failure(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`))
  }
  const inputs: Record<string, string> = {}
  for (const [name, declaration] of Object.entries(declared)) {
    const value = given[name] ?? ''
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') {
      return refuse(invalidRequest(`For 'inputs/${name}', ${JSON.stringify(value)} is not a string.`))
    }
    const problem = inputProblem(name, declaration, String(value))
    if (problem !== null) return refuse(problem)
    inputs[name] = String(value) === '' ? defaultOf(declaration) : String(value)
  }
  if (JSON.stringify(inputs).length > MAX_INPUT_CHARACTERS) {
    return refuse(failure(422, 'inputs are too large.'))
  }
  return found(inputs)
}

function defaultOf(declaration: InputDeclaration): string {
  if (declaration.default !== undefined) return declaration.default
  if (declaration.type === 'choice') return declaration.options?.[0] ?? ''
  return declaration.type === 'boolean' ? 'false' : ''
}

function inputProblem(name: string, declaration: InputDeclaration, value: string): Answer | null {
  if (value === '') {
    const missing = declaration.required && defaultOf(declaration) === ''
    return missing ? failure(422, `Required input '${name}' not provided`) : null
  }
  if (declaration.type === 'choice' && !(declaration.options ?? []).includes(value)) {
    return failure(422, `Provided value '${value}' for input '${name}' not in the list of allowed values`)
  }
  if (declaration.type === 'boolean' && value !== 'true' && value !== 'false') {
    return failure(422, `Provided value '${value}' for input '${name}' is not a boolean`)
  }
  if (declaration.type === 'number' && !Number.isFinite(Number(value))) {
    return failure(422, `Provided value '${value}' for input '${name}' is not a number`)
  }
  return null
}

interface NewRun extends Pick<WorkflowRun, 'ref' | 'event' | 'inputs' | 'dispatch'> {
  sha: string
  actor: Account
  name: string
  title: string
}

function addRun(world: World, repository: Repository, workflow: WorkflowFile['workflow'], made: NewRun): WorkflowRun {
  const run: WorkflowRun = {
    id: world.directory.newRunId(),
    repositoryId: repository.id,
    workflowId: workflow.id,
    workflowPath: workflow.path,
    workflowName: made.name,
    runNumber: workflow.nextRunNumber++,
    displayTitle: made.title,
    event: made.event,
    ref: made.ref,
    headSha: made.sha,
    actorId: made.actor.id,
    inputs: made.inputs,
    dispatch: made.dispatch,
    createdAt: world.clock.now(),
    attempts: [],
  }
  world.directory.addRun(run)
  world.changed(repository)
  world.runs.start(run, made.actor)
  return run
}
