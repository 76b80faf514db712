import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { aborted } from '../process/child-process.js'
import { nodeVersion } from '../run/run-environment.js'
import { succeeded, unsuccessful } from '../run/step-result.js'
import type { StepResult } from '../run/step-result.js'
import type { ActionCall } from './action-call.js'
import { downloadArtifact } from './download-artifact.js'
import { runJavaScriptAction } from './javascript-action.js'
import { uploadArtifact } from './upload-artifact.js'

const checkoutInputs = ['repository', 'ref', 'path']
const ignoredCheckoutInputs = ['fetch-depth', 'fetch-tags', 'token', 'persist-credentials', 'clean', 'show-progress']

/** The actions that the sandbox has itself, with names in lower case. */
const ownActions = new Map<string, (call: ActionCall) => Promise<StepResult> | StepResult>([
  ['actions/checkout', checkout],
  ['actions/setup-node', setupNode],
  ['actions/upload-artifact', uploadArtifact],
  ['actions/download-artifact', downloadArtifact],
])

/**
 * Runs an action: one of those that the sandbox has itself, or a JavaScript action of the workspace (`./path`) or of a repository of the sandbox. Any
 * other one fails, and the log names it.
 */
export async function runAction(call: ActionCall): Promise<StepResult> {
  const [name = ''] = call.uses.split('@')
  const own = ownActions.get(name.toLowerCase())
  if (own === undefined) return runJavaScriptAction(call)
  const { interrupt, kill } = call.signals
  const stopped = aborted(AbortSignal.any([interrupt, kill])).then(() => unsuccessful)
  return Promise.race([own(call), stopped])
}

async function checkout({ job, inputs }: ActionCall): Promise<StepResult> {
  const { log, execution, folders } = job
  for (const name of Object.keys(inputs)) {
    if (checkoutInputs.includes(name) || ignoredCheckoutInputs.includes(name)) continue
    log.error(`The sandbox does not know the input '${name}' of actions/checkout.`)
    return unsuccessful
  }
  const directory = resolve(folders.workspace, inputs.path ?? '')
  if (relative(folders.workspace, directory).split(sep)[0] === '..') {
    log.error(`Repository path '${directory}' is not under '${folders.workspace}'`)
    return unsuccessful
  }
  await emptyDirectory(directory)
  const given = { repo: inputs.repository ?? '', ref: inputs.ref ?? '' }
  const target = { directory, ...(given.repo === '' ? {} : { repo: given.repo }) }
  try {
    await execution.checkout(given.ref === '' ? target : { ...target, ref: given.ref })
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error))
    return unsuccessful
  }
  const what = given.repo === '' ? 'this repository' : given.repo
  log.write(`Checked out ${what}${given.ref === '' ? '' : ` at ${given.ref}`} into ${directory}`)
  return succeeded({})
}

async function emptyDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const entry of await readdir(directory)) await rm(join(directory, entry), { recursive: true, force: true })
}

function setupNode({ job, inputs }: ActionCall): StepResult {
  job.log.write(`The sandbox does not install Node.js: steps use its own version, ${nodeVersion}.`)
  const wanted = inputs['node-version']
  if (wanted !== undefined) job.log.write(`\`node-version: ${wanted}\` has no effect.`)
  return succeeded({})
}
