import { expect, test } from 'vitest'
import type { Case } from './draw.js'
import { describeTally, playChaos } from './chaos.js'
import type { Finding } from './judge/judge.js'
import type { Played } from './play.js'

// The options of scripts/chaos.js.
const asked = (name: string): number => Number(process.env[`CHAOS_${name}`])
const size = process.env['CHAOS_SIZE'] === 'short' ? 'short' : 'full'
const count = asked('COUNT')

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** The output of an orchestration that is played alone is printed in full. */
function show(chaos: Case, { evidence }: Played): void {
  print(JSON.stringify(chaos, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value), 1))
  for (const { name, processes } of evidence.lines) {
    for (const { command, code, output } of processes) {
      print(`\n── ${name}: orch ${command}, ${code === null ? 'killed' : `exit code ${code}`}\n${output}`)
    }
  }
}

test('chaos', async () => {
  const started = Date.now()
  let played = 0
  const onPlayed = (chaos: Case, each: Played, findings: readonly Finding[]): void => {
    played += 1
    if (count === 1) show(chaos, each)
    for (const { wrong, what } of findings) print(`seed ${chaos.seed}: ${wrong}: ${what}`)
    if (played % 50 === 0) print(`${played} of ${count} after ${Math.round((Date.now() - started) / 1000)} s`)
  }
  const tally = await playChaos({
    seed: asked('SEED'),
    count,
    size,
    parallel: asked('PARALLEL'),
    scale: asked('SCALE'),
    onPlayed,
  })
  for (const line of describeTally(tally, size)) print(line)
  print(`time               ${Math.round((Date.now() - started) / 1000)} s`)
  expect(tally.findings).toEqual([])
})
