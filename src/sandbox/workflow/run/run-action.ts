import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { Execution } from '../../executor.js'
import type { JobLog } from './job-log.js'
import { nodeVersion } from './run-environment.js'

/** The input of an action. */
export interface ActionCall {
  uses: string
  /** The evaluated `with:`. */
  inputs: Record<string, string>
  workspace: string
  checkout: Execution['checkout']
  log: JobLog
}

const checkoutInputs = ['repository', 'ref', 'path']
const ignoredCheckoutInputs = ['fetch-depth', 'fetch-tags', 'token', 'persist-credentials', 'clean', 'show-progress']

/** Runs an action and returns whether it succeeded. An unknown action fails, and the log names it. */
export async function runAction(call: ActionCall): Promise<'success' | 'failure'> {
  const [name = ''] = call.uses.split('@')
  switch (name.toLowerCase()) {
    case 'actions/checkout':
      return checkout(call)
    case 'actions/setup-node':
      return setupNode(call)
    default:
      call.log.error(
        `The sandbox does not know the action '${call.uses}'; it runs \`run:\` steps, actions/checkout and actions/setup-node.`,
      )
      return 'failure'
  }
}

async function checkout({ inputs, workspace, log, checkout: put }: ActionCall): Promise<'success' | 'failure'> {
  for (const name of Object.keys(inputs)) {
    if (checkoutInputs.includes(name) || ignoredCheckoutInputs.includes(name)) continue
    log.error(`The sandbox does not know the input '${name}' of actions/checkout.`)
    return 'failure'
  }
  const directory = resolve(workspace, inputs.path ?? '')
  if (relative(workspace, directory).split(sep)[0] === '..') {
    log.error(`Repository path '${directory}' is not under '${workspace}'`)
    return 'failure'
  }
  await emptyDirectory(directory)
  const given = { repo: inputs.repository ?? '', ref: inputs.ref ?? '' }
  const target = { directory, ...(given.repo === '' ? {} : { repo: given.repo }) }
  try {
    await put(given.ref === '' ? target : { ...target, ref: given.ref })
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error))
    return 'failure'
  }
  const what = given.repo === '' ? 'this repository' : given.repo
  log.write(`Checked out ${what}${given.ref === '' ? '' : ` at ${given.ref}`} into ${directory}`)
  return 'success'
}

async function emptyDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const entry of await readdir(directory)) await rm(join(directory, entry), { recursive: true, force: true })
}

function setupNode({ inputs, log }: ActionCall): 'success' {
  log.write(`The sandbox does not install Node.js: steps use its own version, ${nodeVersion}.`)
  const wanted = inputs['node-version']
  if (wanted !== undefined) log.write(`\`node-version: ${wanted}\` has no effect.`)
  return 'success'
}
