import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { evaluateMap } from '../expression/evaluate-map.js'
import { nodePath } from '../run/run-environment.js'
import { runProgram } from '../run/run-program.js'
import type { StepProgram } from '../run/run-program.js'
import { unsuccessful } from '../run/step-result.js'
import type { StepResult } from '../run/step-result.js'
import type { ActionCall } from './action-call.js'
import { ownActionNames } from './action-call.js'
import { readActionFile } from './action-file.js'

/** Runs a JavaScript action with Node.js, as a process of the job that gets its inputs and the access to the services of the run as variables. */
export async function runJavaScriptAction(call: ActionCall): Promise<StepResult> {
  const { job, name, scope, env, signals } = call
  const refuse = (message: string): StepResult => {
    job.log.error(message)
    return unsuccessful
  }
  const place = await locate(call)
  if (!place.ok) return refuse(place.message)
  const read = await readActionFile(place.directory)
  if (!read.ok) return refuse(read.message)
  const { main, defaults, post, hasPre } = read.action
  if (hasPre) job.log.warning('The sandbox does not run the `pre` of an action.')
  const inputs = evaluateMap(defaults, scope)
  if (!inputs.ok) return refuse(`The template is not valid. ${inputs.message}`)
  const program = (path: string, state: Record<string, string> = {}): StepProgram => ({
    command: nodePath,
    arguments: [resolve(place.directory, path)],
    directory: job.folders.workspace,
    env,
    fixed: {
      ...inputVariables({ ...inputs.value, ...call.inputs }),
      ...state,
      ACTIONS_RUNTIME_TOKEN: job.access.runtimeToken,
      ACTIONS_RESULTS_URL: job.access.resultsUrl,
    },
  })
  if (post === null) return runProgram(job, program(main), signals)
  let state: Record<string, string> = {}
  job.posts.push({
    name: `Post ${name}`,
    condition: post.condition,
    run: (late) => runProgram(job, program(post.main, state), late),
  })
  const result = await runProgram(job, program(main), signals)
  state = Object.fromEntries(Object.entries(result.values.state).map(([key, value]) => [`STATE_${key}`, value]))
  return result
}

/** The variables from which an action reads its inputs. The names of inputs do not distinguish case. */
function inputVariables(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  )
}

type Place = { ok: true; directory: string } | { ok: false; message: string }

/** Finds the folder of an action: `./path` in the workspace, or `owner/repo/path@ref`, which is checked out. */
async function locate({ job, uses }: ActionCall): Promise<Place> {
  const { folders, execution } = job
  if (uses.startsWith('./')) return inside(folders.workspace, uses)
  const [, repo, path = '', ref] = /^([\w.-]+\/[\w.-]+)((?:\/[^@]+)?)@(.+)$/u.exec(uses) ?? []
  if (repo === undefined || ref === undefined) return { ok: false, message: unknown(uses, 'it names no repository') }
  const directory = join(folders.root, 'actions', randomUUID())
  await mkdir(directory, { recursive: true })
  try {
    await execution.checkout({ directory, repo, ref })
  } catch (error) {
    return { ok: false, message: unknown(uses, error instanceof Error ? error.message : String(error)) }
  }
  return inside(directory, `.${path}`)
}

function inside(root: string, path: string): Place {
  const directory = resolve(root, path)
  if (relative(root, directory).split(sep)[0] !== '..') return { ok: true, directory }
  return { ok: false, message: `The path of the action '${path}' leads out of '${root}'.` }
}

function unknown(uses: string, reason: string): string {
  return `The sandbox does not know the action '${uses}' (${reason}). It has ${ownActionNames}, and runs JavaScript actions of its repositories.`
}
