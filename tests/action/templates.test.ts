import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseDuration } from '../../src/cli/flags/duration.js'
import { parseWorkflow } from '../../src/sandbox/workflow/parse/parse-workflow.js'
import { branch, LocalGitHub } from '../cli/support/local-github.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { cancelAsRunner, closed, stateOf } from './cancel-as-runner.js'
import { actionFile, ActionStep } from './runner.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Step {
  id?: string
  run?: string
  uses?: string
  with?: Record<string, string>
}

/** The parts of a workflow that the tests read. */
interface Workflow {
  permissions?: Record<string, string>
  jobs: Record<string, { 'timeout-minutes'?: number; permissions?: Record<string, string>; steps: Step[] }>
}

const templates = await readdir(`${root}config/workflows`)
const files = [
  ...templates.map((name) => `config/workflows/${name}`),
  ...(await readdir(`${root}.github/workflows`)).map((name) => `.github/workflows/${name}`),
]

async function readWorkflow(file: string): Promise<Workflow> {
  return parse(await readFile(root + file, 'utf8')) as Workflow
}

function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps)
}

describe('each workflow', () => {
  test.each(files)('%s is valid', async (file) => {
    const parsed = parseWorkflow(await readFile(root + file, 'utf8'))
    expect(parsed.ok ? [] : parsed.problems).toEqual([])
  })

  test.each(files)('%s names its permissions, and never puts an expression into a script', async (file) => {
    const workflow = await readWorkflow(file)
    expect(workflow.permissions).toBeDefined()
    expect(stepsOf(workflow).filter(({ run }) => run?.includes('${{') === true)).toEqual([])
  })

  test.each(files)('%s uses actions by a version, and the Action with inputs that it has', async (file) => {
    for (const { uses, with: inputs = {} } of stepsOf(await readWorkflow(file))) {
      if (uses === undefined) continue
      expect(uses).toMatch(/^[\w-]+\/[\w./-]+@v\d+$/u)
      if (uses.startsWith('ismenablement/orch@'))
        expect(Object.keys(actionFile.inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)))
    }
  })

  test('only the release may write, and only in its last job', async () => {
    const release = await readWorkflow('.github/workflows/release.yml')
    expect(release.permissions).toEqual({})
    expect(release.jobs['test']?.permissions).toEqual({ contents: 'read' })
    expect((await readWorkflow('.github/workflows/ci.yml')).permissions).toEqual({ contents: 'read' })
    expect(existsSync(`${root}.ci/run`)).toBe(true)
  })
})

describe('config/workflows/orchestrate.yml', () => {
  test('a cancelled workflow ends with its builds cancelled and its statuses closed, before a second signal', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    const inputs = await inputsOf('orchestrate.yml', {
      'secrets.ORCH_TOKEN': github.sandbox.token,
      'inputs.branch': branch,
    })
    const step = new ActionStep(folder, github, inputs)
    await using program = await step.start()
    await github.building(program)

    const { exit, signals } = await cancelAsRunner(program)

    expect({ code: exit.code, signals }).toEqual({ code: 130, signals: ['SIGINT'] })
    expect(await stateOf(github)).toEqual(closed)
  })

  test('the time limit of orch is shorter than that of its job, and the step has an id', async () => {
    const { jobs } = await readWorkflow('config/workflows/orchestrate.yml')
    const [job] = Object.values(jobs)
    const step = job?.steps.find(({ uses }) => uses?.startsWith('ismenablement/orch@'))
    const [, timeout = ''] = /--timeout=(\S+)/u.exec(step?.with?.['arguments'] ?? '') ?? []
    const limitMs = (job?.['timeout-minutes'] ?? 0) * 60_000
    expect(parseDuration(timeout)).toBeGreaterThan(0)
    expect(parseDuration(timeout)).toBeLessThan(limitMs - 10 * 60_000)
    expect(step?.id).toBe('orch')
  })
})

/** What a template gives to the Action. `values`: those of its expressions, such as `inputs.branch`. */
async function inputsOf(name: string, values: Record<string, string>): Promise<Record<string, string>> {
  const steps = stepsOf(await readWorkflow(`config/workflows/${name}`))
  const step = steps.find(({ uses }) => uses?.startsWith('ismenablement/orch@'))
  const given = Object.entries(step?.with ?? {}).map(([input, text]) => {
    const value = text.replace(/\$\{\{ (?<expression>[^}]+) \}\}/gu, (_all, expression: string) => {
      const found = values[expression]
      if (found === undefined) throw new Error(`the test gives no value for ${expression}`)
      return found
    })
    return [input, value] as const
  })
  return Object.fromEntries(given)
}
