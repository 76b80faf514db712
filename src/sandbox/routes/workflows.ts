import { dispatchRepository, dispatchWorkflow } from '../core/dispatch.js'
import { findWorkflow, listWorkflows, workflowName } from '../core/workflows.js'
import type { Answer } from '../http/answer.js'
import { empty, failure, invalidRequest, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { paged, pageOf, readPage } from '../http/pagination.js'
import { presentWorkflow, runUrls } from '../present/run.js'
import type { Workflow } from '../state/model.js'

const read = permission('actions', 'read')
const write = permission('actions', 'write')
const workflow = '/actions/workflows/{workflow_id}'
const dispatch = `${workflow}/dispatches`

/**
 * Workflows and the events that start them: `workflow_dispatch` and `repository_dispatch`. Unlike on GitHub, a push or a pull request starts none.
 */
export const workflowRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/actions/workflows', permissions: [read], handle: getWorkflows },
  { method: 'GET', path: workflow, permissions: [read], handle: getWorkflow },
  { method: 'PUT', path: `${workflow}/enable`, permissions: [write], handle: (call) => setState(call, 'active') },
  {
    method: 'PUT',
    path: `${workflow}/disable`,
    permissions: [write],
    handle: (call) => setState(call, 'disabled_manually'),
  },
  { method: 'POST', path: dispatch, permissions: [write], handle: createDispatch },
  {
    method: 'POST',
    path: '/dispatches',
    permissions: [permission('contents', 'write')],
    handle: createRepositoryDispatch,
  },
]

async function getWorkflows(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const files = await listWorkflows(world, repository)
  const page = pageOf(files, readPage(call.query))
  return paged(call, files.length, {
    total_count: files.length,
    workflows: page.map(({ workflow, text }) => {
      return presentWorkflow(world, repository, workflow, workflowName(workflow.path, text))
    }),
  })
}

async function getWorkflow(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const file = await findWorkflow(world, repository, call.params.workflow_id ?? '')
  if (file === null) return notFound()
  return json(presentWorkflow(world, repository, file.workflow, workflowName(file.workflow.path, file.text)))
}

async function setState(call: RepositoryCall, state: Workflow['state']): Promise<Answer> {
  const { world, repository } = call
  const file = await findWorkflow(world, repository, call.params.workflow_id ?? '')
  if (file === null) return notFound()
  file.workflow.state = state
  file.workflow.updatedAt = world.clock.now()
  world.changed(repository)
  return empty(204)
}

async function createDispatch(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const file = await findWorkflow(world, repository, call.params.workflow_id ?? '')
  if (file === null) return notFound()
  const fields = readFields(call.body, { ref: 'string', inputs: 'object?', return_run_details: 'boolean?' }, 'strict')
  if (!fields.ok) return fields.answer
  const { ref, inputs = {}, return_run_details: withDetails = false } = fields.value
  const started = await dispatchWorkflow(world, repository, file, { actor: requireActor(call).account, ref, inputs })
  if (!started.ok) return started.answer
  if (!withDetails) return empty(204)
  const { url, page } = runUrls(world, repository, started.value)
  return json({ workflow_run_id: started.value.id, run_url: url, html_url: page })
}

async function createRepositoryDispatch(call: RepositoryCall): Promise<Answer> {
  const fields = readFields(call.body, { event_type: 'string', client_payload: 'object?' })
  if (!fields.ok) return fields.answer
  const { event_type: eventType, client_payload: clientPayload = {} } = fields.value
  if (eventType === '' || eventType.length > 100) {
    return invalidRequest(`For 'properties/event_type', a length of 1 to 100 characters is needed.`)
  }
  const keys = Object.keys(clientPayload).length
  if (keys > 10) return invalidRequest(`No more than 10 properties are allowed; ${keys} were supplied.`)
  if (JSON.stringify(clientPayload).length >= 65_536) return failure(422, 'client_payload is too large.')
  const { world, repository } = call
  await dispatchRepository(world, repository, { actor: requireActor(call).account, eventType, clientPayload })
  return empty(204)
}
