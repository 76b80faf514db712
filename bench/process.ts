import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The resources that a command used, as measured by the system. */
export interface Used {
  code: number
  stdout: string
  stderr: string
  /** End of the command, ms since the epoch. */
  endedAt: number
  /** User and system CPU time of the process and its children, s. */
  cpu: number
  /** Peak resident memory of the largest process, MB of 1024 × 1024. */
  memory: number
}

export interface Place {
  cwd: string
  env?: Readonly<Record<string, string>>
}

/** Runs a command to its end under GNU time. Its environment contains only PATH and its own `env`. */
export async function measureProcess(command: string, args: readonly string[], place: Place): Promise<Used> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-bench-time-'))
  try {
    const report = join(folder, 'time')
    const timed = ['--format=%U %S %M', `--output=${report}`, command, ...args]
    const { code, stdout, stderr, endedAt } = await run('/usr/bin/time', timed, place)
    // GNU time prints an extra line before its figures if the command fails.
    const figures = (await readFile(report, 'utf8')).trim().split('\n').at(-1) ?? ''
    const [user = NaN, system = NaN, kilobytes = NaN] = figures.split(' ').map(Number)
    if (Number.isNaN(user + system + kilobytes)) throw new Error(`GNU time said ${JSON.stringify(figures)}`)
    return { code, stdout, stderr, endedAt, cpu: user + system, memory: kilobytes / 1024 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: Place,
): Promise<Pick<Used, 'code' | 'stdout' | 'stderr' | 'endedAt'>> {
  // NODE_EXTRA_CA_CERTS, for example, would add 30 ms to each start of node.
  const child = spawn(command, [...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    let endedAt = 0
    child.on('exit', () => (endedAt = Date.now()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...said, endedAt, code: code ?? 128 }))
  })
}
