import { spawn } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import { settings } from '../cli/support/settings.js'
import type { Case, Kill } from './draw.js'
import { graph } from './draw.js'
import type { Ended, Evidence, Exchange, Line } from './evidence.js'
import { Gateway } from './gateway.js'
import type { ScaledClock } from './scaled-clock.js'
import { branch, World } from './world.js'

const program = fileURLToPath(new URL('../../bin/orch.js', import.meta.url))
const scaledTime = fileURLToPath(new URL('./scaled-time.js', import.meta.url))

/** The longest time that a process may take after its `--timeout` (ms of the campaign's clock): the waits before the end in docs/states.md. */
const waitsAtEnd = 35 * 60_000

/** The result of one case. */
export interface Played {
  evidence: Evidence
  /** The number of applied faults by kind. */
  faults: Map<string, number>
  kills: number
  /** The duration of the case (ms of the campaign's clock). */
  took: number
}

/** Plays one case to its end. */
export async function play(chaos: Case, clock: ScaledClock): Promise<Played> {
  const world = await World.open(chaos, clock)
  try {
    return await new Play(chaos, clock, world).run()
  } finally {
    await world.close()
  }
}

class Play {
  readonly #case: Case
  readonly #clock: ScaledClock
  readonly #world: World
  readonly #start: number
  readonly #lines: Line[] = []
  readonly #exchanges: Exchange[] = []
  readonly #stop = new AbortController()
  readonly #asked = new AbortController()
  readonly #under: Promise<void>[] = []
  readonly #extra = new Map<string, number>()
  #kills = 0
  #processes = 0

  constructor(chaos: Case, clock: ScaledClock, world: World) {
    this.#case = chaos
    this.#clock = clock
    this.#world = world
    this.#start = clock.now()
    // Every pending fault listens to this signal.
    setMaxListeners(0, this.#stop.signal)
  }

  async run(): Promise<Played> {
    const disturbances = this.#disturb()
    await this.#story()
    // The remaining faults have no process to disturb.
    this.#stop.abort()
    this.#asked.abort()
    await disturbances
    await Promise.all(this.#under)
    const { sandbox } = this.#world
    const faults = new Map<string, number>([...sandbox.faults.applied, ...this.#extra])
    const stale = this.#case.faults.map(({ fault }) => (fault.action.kind === 'stale-reads' ? fault.action.ms : 0))
    const evidence: Evidence = {
      graph,
      heads: this.#world.heads,
      pulls: this.#case.pulls,
      statuses: this.#world.statuses(),
      runs: this.#world.runs(),
      lines: this.#lines,
      exchanges: this.#exchanges,
      stalestMs: Math.max(...stale),
    }
    return { evidence, faults, kills: this.#kills, took: this.#clock.now() - this.#start }
  }

  /** Starts the first run, and continues as drawn each time its process is killed. */
  async #story(): Promise<void> {
    const timeout = this.#timeout()
    const event = this.#case.hasEvent ? ['--event', 'the-push'] : []
    let machine = await this.#world.machine()
    let line = this.#line('first', this.#case.hasEvent)
    let words = ['run', branch, '--timeout', timeout, ...event]
    for (const kill of [...this.#case.kills, null]) {
      const ended = await this.#process(line, machine, words, kill)
      if (kill === null || ended.code !== null || ended.isHung) {
        if (ended.code !== 2 || ended.command !== 'resume') return
        // The process died before its journal began, or after it was finished.
        line = this.#line(`new-${this.#lines.length}`, this.#case.hasEvent)
        words = ['run', branch, '--timeout', timeout, ...event]
        await this.#process(line, machine, words, null)
        return
      }
      await this.#clock.sleep(kill.pause)
      const id = this.#idOf(line)
      // Without an id, resume continues the latest orchestration, which is another one if this one never began.
      if (kill.then === 'resume' && (id !== null || line.name === 'first'))
        words = ['resume', ...(id === null ? [] : [id])]
      else {
        line = this.#line(
          `${kill.then === 'elsewhere' ? 'elsewhere' : 'new'}-${this.#lines.length}`,
          this.#case.hasEvent,
        )
        if (kill.then === 'elsewhere') machine = await this.#world.machine()
        words = ['run', branch, '--timeout', timeout, ...event, ...(kill.then === 'elsewhere' ? [] : ['--new'])]
      }
    }
  }

  #timeout(): string {
    return `${this.#case.timeoutMinutes}m`
  }

  /** The id of a line's orchestration, from its output or a status. */
  #idOf({ name, processes }: Line): string | null {
    const printed = processes.flatMap(({ output }) => /orchestration ([a-z0-9]{16})\b/u.exec(output)?.[1] ?? [])
    const posted = this.#exchanges.flatMap(({ line, mark }) => (line === name ? (mark ?? []) : []))
    return [...printed, ...posted][0] ?? null
  }

  #line(name: string, hasEvent: boolean): Line {
    const line: Line = { name, event: hasEvent ? 'the-push' : null, processes: [] }
    this.#lines.push(line)
    return line
  }

  async #process(line: Line, machine: string, words: readonly string[], kill: Kill | null): Promise<Ended> {
    const { sandbox } = this.#world
    const gateway = await Gateway.open({
      line: line.name,
      clock: this.#clock,
      sandbox: () => sandbox,
      exchanges: this.#exchanges,
      onRequest: () => this.#asked.abort(),
    })
    const child = spawn(process.execPath, ['--import', scaledTime, program, ...words], {
      cwd: machine,
      env: {
        ...settings(machine),
        GITHUB_API_URL: `${gateway.url}/api/v3`,
        GH_ENTERPRISE_TOKEN: sandbox.token,
        ORCH_CHAOS_CLOCK: this.#clock.setting(this.#case.seed * 16 + this.#processes++),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const isGone = new AbortController()
    const code = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    }).finally(() => isGone.abort())
    const murder = (): void => {
      if (child.kill('SIGKILL')) this.#kills += 1
    }
    if (kill?.moment.kind === 'request') gateway.killAt(kill.moment, murder)
    if (kill?.moment.kind === 'time') void this.#later(kill.moment.after, isGone.signal, murder)
    let isHung = false
    void this.#later(
      this.#case.timeoutMinutes * 60_000 + waitsAtEnd,
      isGone.signal,
      () => (isHung = child.kill('SIGKILL')),
    )
    const ended = { command: words[0] ?? '', code: await code, isHung, output, endedAt: this.#clock.now() }
    line.processes.push({ ...ended, isHung })
    gateway.close()
    return ended
  }

  async #later(ms: number, stop: AbortSignal, act: () => unknown): Promise<void> {
    await this.#clock.sleep(ms, stop)
    if (!stop.aborted) await act()
  }

  /** Schedules every fault at its time. */
  async #disturb(): Promise<void> {
    // The start of a process takes real time: the times of the case begin with its first request.
    await untilAborted(this.#asked.signal)
    const { faults, primaryLimits, pushes, invalidations, secondRuns } = this.#case
    const at = (time: number, act: () => unknown): Promise<void> => this.#later(time, this.#stop.signal, act)
    await Promise.all([
      ...faults.map(({ at: time, fault }) => at(time, () => this.#world.sandbox.faults.add(fault))),
      ...primaryLimits.map(({ at: time, ms, status }) =>
        at(time, async () => {
          this.#count('primary-limit')
          const lift = this.#world.limit(ms, status)
          await this.#clock.sleep(ms)
          lift()
        }),
      ),
      ...pushes.map(({ at: time, repo }) =>
        at(time, async () => {
          this.#count('moved-head')
          await this.#world.push(repo)
        }),
      ),
      ...invalidations.map((time) => at(time, () => this.#aside('invalidation', ['invalidate', branch]))),
      ...secondRuns.map((time) =>
        at(time, () => this.#aside('second-orchestration', ['run', branch, '--timeout', this.#timeout()])),
      ),
    ])
  }

  /** Runs another command on another machine at the same time. */
  #aside(kind: string, words: readonly string[]): void {
    this.#count(kind)
    const line = this.#line(`${kind}-${this.#lines.length}`, false)
    this.#under.push(
      this.#world
        .machine()
        .then((machine) => this.#process(line, machine, words, null))
        .then(() => undefined),
    )
  }

  #count(kind: string): void {
    this.#extra.set(kind, (this.#extra.get(kind) ?? 0) + 1)
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
