import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import type { BuiltCommand, Exit } from '../support/built-command.js'
import { startBuilt, startProgram } from '../support/built-command.js'
import { LocalGitHub } from '../support/local-github.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

const root = resolve(import.meta.dirname, '../../..')
const folderOfAction = join(root, 'actions/dispatch/trigger')
const exampleOf = (name: string): Promise<string> => readFile(join(root, 'examples/dispatch', name), 'utf8')

interface Action {
  inputs: Record<string, { required?: boolean; default?: string }>
  outputs: Record<string, unknown>
  runs: { using: string; main: string }
}

async function readAction(): Promise<Action> {
  return parse(await readFile(join(folderOfAction, 'action.yml'), 'utf8')) as Action
}

interface Step {
  inputs?: Record<string, string>
  env?: Record<string, string>
}

interface StepResult extends Exit {
  outputs: string
}

interface ActionWorld extends AsyncDisposable {
  github: LocalGitHub
  start: (step: Step) => Promise<BuiltCommand>
  run: (step: Step) => Promise<StepResult>
}

/** A GitHub with the repository `acme/docs`, whose workflow is that of the example, and a way to run the action as a runner does. */
async function open(): Promise<ActionWorld> {
  const folder = await WorkFolder.open(oneJobGraph)
  const github = await LocalGitHub.open(folder, 'true')
  await github.sandbox.admin.createRepository('acme/docs')
  const receiver = await exampleOf('docs/.github/workflows/update-docs.yml')
  await github.sandbox.admin.commit('acme/docs', 'main', { '.github/workflows/update-docs.yml': receiver })
  const outputs = join(folder.path, 'outputs')
  const start = async ({ inputs = {}, env = {} }: Step): Promise<BuiltCommand> => {
    const action = await readAction()
    const main = resolve(folderOfAction, action.runs.main)
    if (!existsSync(main)) throw new Error('the action is not built: npm run build')
    await writeFile(outputs, '')
    // What a runner does: every input is a variable, with its default where the step gives none.
    const context: Record<string, string> = { 'github.repository': 'acme/lib', 'github.token': 'of-the-job' }
    const given = Object.entries(action.inputs).map(([name, { default: standard = '' }]) => {
      const value = inputs[name] ?? standard.replace(/\$\{\{ (\S+) \}\}/gu, (_all, key: string) => context[key] ?? '')
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value] as const
    })
    return startProgram(process.execPath, [main], {
      cwd: folder.path,
      env: {
        ...Object.fromEntries(given),
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: `${github.url}/api/v3`,
        GITHUB_REPOSITORY: 'acme/lib',
        GITHUB_OUTPUT: outputs,
        ...env,
      },
    })
  }
  const run = async (step: Step): Promise<StepResult> => {
    const exit = await (await start(step)).ended
    return { ...exit, outputs: await readFile(outputs, 'utf8') }
  }
  return {
    github,
    start,
    run,
    [Symbol.asyncDispose]: async () => {
      await github[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function eventsOf(github: LocalGitHub): unknown[] {
  return github.sandbox.requests.flatMap(({ method, path, body }) =>
    method === 'POST' && path.endsWith('/dispatches') ? [{ path, body }] : [],
  )
}

describe('the action dispatch/trigger', () => {
  test('sends the payload to the repository with the token of the environment, and runs the workflow of the example', async () => {
    await using world = await open()
    const { github, run } = world
    const payload = '{ "version": "v1.2.3", "repository": "acme/server", "sha": "$(touch hacked)" }\n'
    const result = await run({
      inputs: { 'event-type': 'release-published', repository: 'acme/docs', 'client-payload': payload, wait: 'true' },
      env: { GITHUB_TOKEN: github.sandbox.token },
    })
    expect(result.stderr).toBe('')
    expect(result.stdout).toContain('update-docs.yml  succeeded')
    expect(result.code).toBe(0)
    expect(result.outputs).toMatch(/outcome<<(\S+)\nsucceeded\n\1\ndispatched<<(\S+)\ntrue\n\2\n/u)
    const [{ displayTitle, attempts } = { displayTitle: '', attempts: [] }] = github.sandbox.admin.runs('acme/docs')
    expect(displayTitle).toMatch(/^docs of v1\.2\.3 \[[a-z0-9]{16}\]$/u)
    const jobs = attempts.at(-1)?.jobs ?? []
    expect(jobs.flatMap(({ id }) => github.sandbox.admin.log(id) ?? []).join('\n')).toContain(
      'Docs of acme/server v1.2.3 at $(touch hacked)',
    )
  })

  test('sends an empty payload to the current repository by default, with the token of the input', async () => {
    await using world = await open()
    const { github, run } = world
    const result = await run({ inputs: { 'event-type': 'deploy', token: github.sandbox.token } })
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(eventsOf(github)).toEqual([
      { path: '/repos/acme/lib/dispatches', body: { event_type: 'deploy', client_payload: {} } },
    ])
    expect(result.outputs).toContain('\naccepted\n')
  })

  test('fails the step with an annotation, and shows no token', async () => {
    await using world = await open()
    const { github, run } = world
    const result = await run({ inputs: { 'event-type': 'deploy', 'client-payload': '{"tag": }' } })
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(/::error title=orch::the payload is not valid JSON: line 1, column 9/u)
    const refused = await run({ inputs: { 'event-type': 'deploy' } })
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('::error title=orch::')
    expect(`${result.stderr}${refused.stderr}${refused.stdout}`).not.toContain('of-the-job')
    expect((await run({ inputs: { 'event-type': 'deploy', wait: 'yes' } })).code).toBe(2)
    expect(eventsOf(github)).toEqual([])
  })

  test('a step that is cancelled while it waits cancels the run', async () => {
    await using world = await open()
    const { github, start } = world
    const endless = `${await exampleOf('docs/.github/workflows/update-docs.yml')}      - run: sleep 600\n`
    await github.sandbox.admin.commit('acme/docs', 'main', { '.github/workflows/update-docs.yml': endless })
    const inputs = { 'event-type': 'release-published', repository: 'acme/docs', wait: 'true' }
    await using step = await start({ inputs, env: { GITHUB_TOKEN: github.sandbox.token } })
    await step.until(/acme\/docs {2}update-docs.yml {2}found/u)
    step.signal('SIGINT')
    expect((await step.ended).code).toBe(130)
    await github.sandbox.admin.idle()
    expect(github.sandbox.admin.runs('acme/docs').map(({ attempts }) => attempts.at(-1)?.conclusion)).toEqual([
      'cancelled',
    ])
  })

  test('is one file, which runs in a folder without anything else', async () => {
    const { runs } = await readAction()
    expect(runs.using).toBe('node24')
    await using folder = await WorkFolder.open(oneJobGraph)
    const alone = join(folder.path, 'dispatch.mjs')
    await copyFile(resolve(folderOfAction, runs.main), alone)
    const env = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/lib' }
    const { code, stderr } = await startProgram(process.execPath, [alone], { cwd: folder.path, env }).ended
    expect(stderr).toContain('::error title=orch::the event type is not valid: it is empty')
    expect(code).toBe(2)
  })
})

describe('orch dispatch --sandbox', () => {
  test('sends the event to the embedded GitHub of the graph file', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const { code, stdout, stderr } = await startBuilt(['dispatch', 'built', '--repo', 'acme/lib', '--sandbox'], {
      cwd: folder.path,
    }).ended
    expect([code, stdout, stderr]).toEqual([0, '✔ sent built to acme/lib\n', ''])
  })
})

describe('examples/dispatch', () => {
  test('a release updates the docs repository, and waits for it, with the action as it is published', async () => {
    await using world = await open()
    const { admin, token } = world.github.sandbox
    const paths = ['actions/dispatch/trigger/action.yml', 'dist/action/dispatch.js', 'package.json']
    const files = await Promise.all(
      paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const),
    )
    await admin.createRepository('acme/orch')
    await admin.commit('acme/orch', 'v1', Object.fromEntries(files))
    // The embedded GitHub starts no run for a tag, and has no secrets.
    const release = (await exampleOf('server/.github/workflows/release.yml'))
      .replace("push:\n    tags: ['v*']", 'workflow_dispatch:')
      .replace('OWNER/', 'acme/')
      .replace('${{ secrets.DISPATCH_TOKEN }}', token)
    await admin.createRepository('acme/server')
    await admin.commit('acme/server', 'main', { '.github/workflows/release.yml': release })
    const dispatched = await fetch(`${world.github.url}/repos/acme/server/actions/workflows/release.yml/dispatches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ ref: 'main' }),
    })
    expect(dispatched.status).toBe(204)
    await admin.idle()
    const [run] = admin.runs('acme/server')
    const log = run?.attempts.at(-1)?.jobs.flatMap(({ id }) => admin.log(id) ?? []) ?? []
    expect(log.join('\n')).toContain('acme/docs  update-docs.yml  succeeded')
    expect(run?.attempts.at(-1)?.conclusion).toBe('success')
    expect(admin.runs('acme/docs').map(({ displayTitle }) => displayTitle)).toEqual([
      expect.stringMatching(/^docs of main \[[a-z0-9]{16}\]$/u),
    ])
  })

  test('the sending workflow gives the action only inputs that it has', async () => {
    const { inputs } = await readAction()
    const workflow = parse(await exampleOf('server/.github/workflows/release.yml')) as {
      jobs: Record<string, { steps: { uses?: string; with?: Record<string, unknown> }[] }>
    }
    const [step] = Object.values(workflow.jobs).flatMap(({ steps }) => steps)
    expect(step?.uses).toBe('OWNER/orch/actions/dispatch/trigger@v1')
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? {})))
  })

  test('no script of the examples contains an expression', async () => {
    for (const name of ['server/.github/workflows/release.yml', 'docs/.github/workflows/update-docs.yml']) {
      const scripts = [...(await exampleOf(name)).matchAll(/- run: (.*)/gu)].map(([, script]) => script)
      expect(scripts.filter((script) => script?.includes('${{'))).toEqual([])
    }
  })
})
