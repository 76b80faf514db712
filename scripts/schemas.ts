// Writes config/schemas/*.schema.json, config/openapi.json and docs/http-api.md from the types in src/model/wire: `npm run schemas`. A test
// fails if a file differs from its types.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'oxfmt'
import { DEFAULT_CONFIG, SchemaGenerator, createFormatter, createParser } from 'ts-json-schema-generator'
import ts from 'typescript'
import type { CompletedConfig, Definition, Schema } from 'ts-json-schema-generator'
import { openApiFiles } from './openapi.js'
import type { WireFormats, WireRequests } from '../src/model/wire/documents.js'

const titles: Record<keyof WireFormats, string> = {
  cancel: 'orch cancel --json',
  dispatch: 'orch dispatch --json',
  dispatched: 'orch event send --json, orch event replay --json and orch handoff --json',
  doctor: 'orch doctor --json',
  event: 'orch event show --json',
  events: 'orch event list --json',
  flow: 'orch flows show --json',
  'flow-run': 'orch runs show --json',
  'flow-runs': 'orch runs list --json',
  flows: 'orch flows list --json',
  invalidate: 'orch invalidate --json',
  list: 'orch list --json',
  log: 'orch runs log --json',
  pass: 'orch pass --json',
  plan: 'orch plan --json',
  'run-events': 'one line of orch run --json',
  setup: 'orch setup --json',
  show: 'orch show --json',
  status: 'orch status --json',
  workers: 'orch workers --json',
}

const requestTitles: Record<keyof WireRequests, string> = {
  handoff: 'POST /flows/:name/handoff',
  'new-event': 'POST /events',
}

const root = new URL('../', import.meta.url)
const generatedPrefix = '#/definitions/'

const config: CompletedConfig = {
  ...DEFAULT_CONFIG,
  // Fields may be added in any version, so a reader must accept unknown ones.
  additionalProperties: true,
  topRef: false,
  jsDoc: 'extended',
  encodeRefs: false,
}

/** The text of each file by its path in the repository. */
export async function schemaFiles(): Promise<Record<string, string>> {
  // Without the types of Node, which take longer to read than all the rest; `npm run check:types` reports type errors.
  const options = { strict: true, types: [], lib: ['lib.es2023.d.ts'], module: ts.ModuleKind.NodeNext }
  const program = ts.createProgram([fileURLToPath(new URL('src/model/wire/documents.ts', root))], options)
  // A request with an unknown field is refused: its sender means something by it.
  const strict = { ...config, additionalProperties: false }
  const requests = { program, settings: strict }
  return {
    ...(await schemasOf('WireFormats', titles, { program, settings: config })),
    ...(await schemasOf('WireRequests', requestTitles, requests)),
    ...(await openApiFiles({
      ...definitionsOf('WireAnswers', { program, settings: config }),
      ...definitionsOf('WireRequests', requests),
    })),
  }
}

interface Generation {
  program: ts.Program
  settings: CompletedConfig
}

/** The schema of a type. */
function schemaOf(type: string, { program, settings }: Generation): Schema {
  return new SchemaGenerator(
    program,
    createParser(program, settings),
    createFormatter(settings),
    settings,
  ).createSchema(type)
}

/** The schemas of all types that a type leads to, without its own. */
function definitionsOf(type: string, generation: Generation): Record<string, unknown> {
  const { definitions = {} } = schemaOf(type, generation)
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => name !== type))
}

/** The schema of each property of a type. */
async function schemasOf(
  type: string,
  titlesOfType: Readonly<Record<string, string>>,
  generation: Generation,
): Promise<Record<string, string>> {
  const { properties = {}, definitions = {} } = schemaOf(type, generation)
  const files: Record<string, string> = {}
  for (const [name, title] of Object.entries(titlesOfType)) {
    const { $ref = '' } = properties[name] as Definition
    const { [typeOf($ref)]: document, ...others } = reachableFrom($ref, definitions)
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `https://orch.invalid/schemas/${name}.schema.json`,
      title,
      ...(document as object),
      $defs: others,
    }
    const text = JSON.stringify(schema).replaceAll(`"${generatedPrefix}`, '"#/$defs/')
    const path = `config/schemas/${name}.schema.json`
    const { code, errors } = await format(path, text, { printWidth: 120 })
    if (errors.length > 0) throw new Error(`${path} cannot be formatted: ${JSON.stringify(errors)}`)
    files[path] = code
  }
  return files
}

function typeOf(ref: string): string {
  return ref.slice(generatedPrefix.length)
}

/** The definitions that a reference leads to, its own first. */
function reachableFrom(ref: string, definitions: NonNullable<Schema['definitions']>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  const names = new Set([typeOf(ref)])
  // The set grows while it is iterated.
  for (const name of names) {
    found[name] = definitions[name]
    for (const [, next = ''] of JSON.stringify(found[name]).matchAll(/"#\/definitions\/([^"]+)"/gu)) names.add(next)
  }
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of Object.entries(await schemaFiles())) writeFileSync(new URL(path, root), text)
