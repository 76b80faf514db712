import { graphText, wideJobs } from './graph.js'
import { tally, thatCount } from './kinds.js'
import { spreadOf } from './measured.js'
import { measureProcess } from './process.js'
import type { Used } from './process.js'
import { openRealStage } from './real.js'
import type { RealStage } from './real.js'
import { branch, workflowName } from './stub/world.js'

const token = 'ghp_bench'
const runs = 3
/** Time between the starts of two runs, ms, so that they do not compete for the processors. */
const stagger = 1_500

interface Contender {
  name: string
  run: (stage: RealStage) => Promise<Used>
}

interface Trial {
  requests: number
  counting: number
  /** Time from the end of the build to the end of the command, s. */
  late: number
  cpu: number
  memory: number
  kinds: string
}

/** Compares orch with another command that triggers a workflow and waits for it: the same builds on the same stub, in real time. */
export async function compare(command: string, seconds: number, asJson: boolean): Promise<string> {
  const contenders: Contender[] = [
    { name: command, run: (stage) => runOther(command, stage) },
    { name: 'orch run --no-status', run: (stage) => stage.orch('run', branch, '--no-status') },
    { name: 'orch run', run: (stage) => stage.orch('run', branch) },
  ]
  const all = await Promise.all(
    contenders.map(async ({ name, run }) => ({ name, trials: await tryOften(run, seconds) })),
  )
  if (asJson) return JSON.stringify({ seconds, contenders: all }, null, 2)
  return all.map(({ name, trials }) => describe(name, seconds, trials)).join('\n\n')
}

function tryOften(run: Contender['run'], seconds: number): Promise<Trial[]> {
  return Promise.all(Array.from({ length: runs }, (_, index) => tryOnce(run, seconds, index)))
}

async function tryOnce(run: Contender['run'], seconds: number, index: number): Promise<Trial> {
  const length = seconds * 1000 + (index - 1) * 350
  await using stage = await openRealStage({ jobs: wideJobs(1), buildMs: () => length, keepsLimits: true })
  await new Promise((resolve) => setTimeout(resolve, index * stagger))
  const { endedAt, cpu, memory } = await run(stage)
  const { log, world, unanswered } = stage.stub
  const end = world.runs[0]?.endsAt
  if (end === undefined) throw new Error('the command dispatched nothing')
  if (endedAt < end) throw new Error('the command ended before the build did')
  const unknown = unanswered.size > 0 ? `; unknown to the stub: ${[...unanswered].join(', ')}` : ''
  const kinds = `${tally(log)}${unknown}`
  return { requests: log.length, counting: thatCount(log).length, late: (endedAt - end) / 1000, cpu, memory, kinds }
}

/** Runs the command in a shell. Replaces {api}, {repository}, {owner}, {name}, {workflow}, {ref} and {token} by the values of the environment. */
async function runOther(command: string, { apiUrl, directory }: RealStage): Promise<Used> {
  const values = {
    api: apiUrl,
    repository: 'acme/repo1',
    owner: 'acme',
    name: 'repo1',
    workflow: workflowName,
    ref: branch,
    token,
  }
  const filled = Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), command)
  const env = {
    GITHUB_API_URL: apiUrl,
    GITHUB_REPOSITORY: values.repository,
    GITHUB_TOKEN: token,
    GH_TOKEN: token,
    WORKFLOW: workflowName,
    REF: branch,
    GRAPH: graphText(wideJobs(1)),
    ROOT: process.cwd(),
  }
  const used = await measureProcess('/bin/sh', ['-c', filled], { cwd: directory, env })
  if (used.code !== 0) throw new Error(`${command} ended with ${used.code}:\n${used.stderr}${used.stdout}`)
  return used
}

function describe(name: string, seconds: number, trials: readonly Trial[]): string {
  const line = (title: string, of: (trial: Trial) => number, unit = ''): string => {
    const { min, median, max } = spreadOf(trials.map(of))
    const shown = [min, median, max].map((value) => `${Math.round(value * 100) / 100}${unit}`)
    return `  ${title.padEnd(52)}${shown.join('  ')}`
  }
  return [
    `${name}, a build of ${seconds} s: min, median and max of ${trials.length} runs`,
    line('requests that count', ({ counting }) => counting),
    line('requests in all', ({ requests }) => requests),
    line('from the end of the build to that of the command', ({ late }) => late, ' s'),
    line('CPU time', ({ cpu }) => cpu, ' s'),
    line('peak memory', ({ memory }) => memory, ' MB'),
    `  ${trials[0]?.kinds ?? ''}`,
  ].join('\n')
}
