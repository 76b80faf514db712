import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { parseFlowFile } from '../../../src/flows/file/parse-flow-file.js'
import { createPayloadSchemas } from '../../../src/flows/json-schema.js'
import { everyKey, flowFileMistakes } from '../../support/flow-files.js'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const matchesSchema = new Ajv({ allErrors: true, allowUnionTypes: true, strictTuples: false }).compile(
  JSON.parse(read('config/flow.schema.json')) as object,
)
const { schemaProblem } = createPayloadSchemas()
const examples = readdirSync(new URL('examples/', root), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('flow.yaml'))
  .map((path): [string, string] => [`examples/${path}`, read(`examples/${path}`)])
const ofTutorial = [...read('docs/events.md').matchAll(/```yaml\n(?:# \S+\n)*# (\S+)\n([^`]*)```/gu)].map(
  ([, path = '', text = '']): [string, string] => [path, text],
)

/** Mistakes in the meaning of a text, which a schema cannot tell. */
const onlyParser =
  /is not a valid (?:pattern|JSON Schema(?!: \$async)|cron|event type|branch name)|expression (?:is not closed|")|is a text and has no/u

describe('the schema of flow.yaml for editors', () => {
  test.each([['every key', everyKey], ...ofTutorial, ...examples])('accepts %s, as the parser does', (_path, text) => {
    expect(parseFlowFile(text, schemaProblem)).toMatchObject({ ok: true, warnings: [] })
    matchesSchema(parse(text))
    expect(matchesSchema.errors).toBeNull()
  })

  test('is checked against the flows of the tutorial and of the examples', () => {
    expect([ofTutorial.length, examples.length]).toEqual([2, 3])
  })

  test.each(flowFileMistakes.filter(([, ...mistakes]) => !mistakes.some((each) => onlyParser.test(each))))(
    'refuses the mistake %j',
    (text) => {
      expect(matchesSchema(parse(text))).toBe(false)
    },
  )
})
