import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a command used, as the system accounts for it. */
export interface Used {
  code: number
  stdout: string
  stderr: string
  /** When it ended, ms since the epoch. */
  endedAt: number
  /** User and system time of the process and its children, s. */
  cpu: number
  /** Peak resident memory of the largest process, MB of 1024 × 1024. */
  memory: number
}

export interface Place {
  cwd: string
  env?: Readonly<Record<string, string>>
}

/** Runs a command to its end under GNU time, with nothing of this environment but PATH and its own `env`. */
export async function measureProcess(command: string, args: readonly string[], place: Place): Promise<Used> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-bench-time-'))
  try {
    const report = join(folder, 'time')
    const timed = ['--format=%U %S %M', `--output=${report}`, command, ...args]
    const { code, stdout, stderr, endedAt } = await run('/usr/bin/time', timed, place)
    // GNU time puts a line of its own before its figures where the command did not succeed.
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
  // NODE_EXTRA_CA_CERTS, for one, would add 30 ms to each start of node.
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
