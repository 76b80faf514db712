import type { Case, Size } from './draw.js'
import { drawCase } from './draw.js'
import type { Finding } from './judge/judge.js'
import { judge, wrongs } from './judge/judge.js'
import type { Played } from './play.js'
import { play } from './play.js'
import { ScaledClock } from './scaled-clock.js'

export interface ChaosOptions {
  /** The seed of the first orchestration; the others have the following numbers. */
  seed: number
  count: number
  size: Size
  /** The number of orchestrations that are played at the same time. */
  parallel: number
  /** The speed of the clock as a multiple of the machine's. */
  scale: number
  onPlayed?: (chaos: Case, played: Played, findings: readonly Finding[]) => void
}

/** The result of a campaign. */
export interface Tally {
  orchestrations: number
  processes: number
  kills: number
  /** The number of orchestrations with a killed process. */
  killed: number
  requests: number
  faults: Map<string, number>
  /** The reported outcome of the last process of each case. */
  outcomes: Map<string, number>
  findings: { seed: number; finding: Finding }[]
}

/** Plays orchestrations with their faults, and judges each. */
export async function playChaos(options: ChaosOptions): Promise<Tally> {
  const tally: Tally = {
    orchestrations: 0,
    processes: 0,
    kills: 0,
    killed: 0,
    requests: 0,
    faults: new Map(),
    outcomes: new Map(),
    findings: [],
  }
  const clock = new ScaledClock(options.scale)
  let next = options.seed
  const end = options.seed + options.count
  const player = async (): Promise<void> => {
    while (next < end) {
      const seed = next++
      const chaos = drawCase(seed, options.size)
      const played = await play(chaos, clock)
      const findings = judge(played.evidence)
      count(tally, seed, played, findings)
      options.onPlayed?.(chaos, played, findings)
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, player))
  return tally
}

function count(tally: Tally, seed: number, { evidence, faults, kills }: Played, findings: readonly Finding[]): void {
  tally.orchestrations += 1
  tally.processes += evidence.lines.reduce((sum, { processes }) => sum + processes.length, 0)
  tally.kills += kills
  tally.killed += kills > 0 ? 1 : 0
  tally.requests += evidence.exchanges.length
  for (const [kind, times] of faults) add(tally.faults, kind, times)
  if (kills > 0) add(tally.faults, 'kill -9', kills)
  add(tally.outcomes, outcomeOf(evidence.lines), 1)
  tally.findings.push(...findings.map((finding) => ({ seed, finding })))
}

/** The outcome that the last process of the case reported; a deliberate second orchestration and an invalidation do not count. */
function outcomeOf(lines: Played['evidence']['lines']): string {
  const ended = lines.filter(({ name }) => !/^(second|invalidation)/u.test(name)).flatMap(({ processes }) => processes)
  const outcomes = ended.flatMap(
    ({ output }) =>
      /DPTA-1122 +(succeeded|failed|superseded|unknown|timed-out|timed out|cancelled|held|partially-merged) /u.exec(
        output,
      )?.[1] ?? [],
  )
  return outcomes.at(-1) ?? 'not planned'
}

function add(counts: Map<string, number>, key: string, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times)
}

/** The tally as lines to print. */
export function describeTally(tally: Tally, size: Size): string[] {
  const sum = [...tally.faults.values()].reduce((total, times) => total + times, 0)
  const list = (counts: Map<string, number>): string =>
    [...counts]
      .sort(([, one], [, other]) => other - one)
      .map(([kind, times]) => `${kind} ${times}`)
      .join(', ')
  return [
    `orchestrations     ${tally.orchestrations} (${tally.processes} processes, ${tally.requests} requests, ${tally.killed} with a kill)`,
    `outcomes           ${list(tally.outcomes)}`,
    `faults             ${sum}: ${list(tally.faults)}`,
    ...wrongs.map((wrong) => {
      const found = tally.findings.filter(({ finding }) => finding.wrong === wrong)
      return `${plural(wrong).padEnd(18)} ${found.length}`
    }),
    ...tally.findings.map(
      ({ seed, finding }) =>
        `  ${finding.wrong}: ${finding.what}; to play it alone: npm run chaos -- --seed ${seed}${size === 'short' ? ' --short' : ''}`,
    ),
  ]
}

function plural(wrong: string): string {
  return wrong.endsWith('h') || wrong.endsWith('s') ? `${wrong}es` : `${wrong}s`
}
