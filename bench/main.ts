import { parseArgs } from 'node:util'
import { compare } from './against.js'
import { experiments } from './experiments.js'
import type { Experiment, MeasureOptions } from './experiment.js'
import { judge, notMeasured, rounded } from './measured.js'
import type { Measured } from './measured.js'
import { markdown, table } from './print.js'
import { buildGitHubSchema } from './stub/graphql.js'
import { allRows, isSelected, rowsOf } from './table.js'
import type { RowId } from './table.js'

const usage = `npm run bench -- [--json | --markdown] [--only <row>]... [--load-seconds <seconds>] [<group>]...
npm run bench -- --against "<command>" [--seconds <length of the build>] [--json]

rows: ${allRows.map(({ id }) => id).join(' ')}
--load-seconds: how long the webhooks of service-answer are sent (default: 60)
a group selects all rows that begin with its name: "tests" selects tests and tests-fast
rows that take long are measured only by name: service-waiting-2000`

const options = {
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] as string[] },
  against: { type: 'string' },
  seconds: { type: 'string', default: '20' },
  'load-seconds': { type: 'string', default: '60' },
  help: { type: 'boolean', default: false },
} as const

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const groups = positionals.map((name) => ({ name, ids: rowsOf(name) }))
  const unknown = [
    ...values.only.filter((id) => !allRows.some((row) => row.id === id)),
    ...groups.flatMap(({ name, ids }) => (ids.length === 0 ? [name] : [])),
  ]
  const seconds = Number(values.seconds)
  const loadSeconds = Number(values['load-seconds'])
  if (values.help || unknown.length > 0 || !(seconds > 0) || !(loadSeconds > 0)) {
    if (unknown.length > 0) printToStderr(`no such row: ${unknown.join(', ')}`)
    printToStderr(usage)
    return values.help ? 0 : 2
  }
  // The schema is loaded before the measurements, because the first GraphQL request would otherwise wait for it.
  buildGitHubSchema()
  if (values.against !== undefined) {
    print(await compare(values.against, seconds, values.json))
    return 0
  }
  const only = [...values.only, ...groups.flatMap(({ ids }) => ids)]
  const form = values.json ? 'json' : values.markdown ? 'markdown' : 'table'
  return measureAll(only, form, { loadSeconds })
}

async function measureAll(
  only: readonly string[],
  form: 'json' | 'markdown' | 'table',
  options: MeasureOptions,
): Promise<number> {
  const isWanted = (id: RowId): boolean => isSelected(id, only)
  const all: Measured[] = []
  for (const experiment of experiments.filter(({ rows }) => rows.some(isWanted))) {
    printToStderr(`measuring ${experiment.rows.join(', ')}`)
    const some = await measureOne(experiment, options)
    // A long benchmark may be ended early; what it has measured by then is not lost.
    for (const { id, spread } of some) if (spread) printToStderr(`  ${id}: median ${rounded(spread.median)}`)
    all.push(...some)
  }
  const judged = judge(all.filter(({ id }) => isWanted(id)))
  if (form === 'json') print(JSON.stringify({ node: process.version, rows: judged }, null, 2))
  else print(form === 'markdown' ? markdown(judged) : table(judged))
  return judged.every(({ isHeld }) => isHeld !== false) ? 0 : 1
}

/** Runs an experiment. If it fails, its rows miss their bounds, and their notes say why. */
async function measureOne({ rows, measure }: Experiment, options: MeasureOptions): Promise<Measured[]> {
  try {
    return await measure(options)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    printToStderr(reason)
    const line = (reason.split('\n')[0] ?? '').replaceAll(process.cwd(), '.')
    return rows.map((id) => notMeasured(id, `failed: ${line}`))
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints to standard error, because standard output carries the result and may be piped. */
function printToStderr(text: string): void {
  process.stderr.write(`${text}\n`)
}
