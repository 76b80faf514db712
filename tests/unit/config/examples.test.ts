import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Diagnostic } from '../../../src/model/diagnostic.js'

const config = new URL('../../../config/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, config), 'utf8')
const examples = (folder: string): string[] => readdirSync(new URL(`examples/${folder}/`, config)).sort()
const matchesSchema = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(read('orchestrator.schema.json')) as object,
)

const formatDiagnostic = ({ line, column, severity, message, hint }: Diagnostic): string =>
  `${line}:${column} ${severity === 'warning' ? 'warning: ' : ''}${message}${hint === undefined ? '' : `, ${hint}`}`

describe('valid examples', () => {
  test.each([...examples('valid').map((name) => `examples/valid/${name}`), '../orchestrator.yaml'])(
    'the valid example %s passes the parser and the schema',
    (path) => {
      const text = read(path)
      expect(parseGraphFile(text)).toMatchObject({ ok: true, warnings: [] })
      // Editors validate plain values against the schema, with aliases resolved.
      matchesSchema(parse(text))
      expect(matchesSchema.errors).toBeNull()
    },
  )
})

describe('invalid examples', () => {
  test.each(examples('invalid'))(
    'the invalid example %s is refused with exactly the messages that it expects',
    (name) => {
      const text = read(`examples/invalid/${name}`)
      const expected = text.split('\n').flatMap((line) => /^# expect (.*)$/u.exec(line)?.[1] ?? [])
      const result = parseGraphFile(text)
      expect(result.ok ? ['none: it is accepted'] : result.diagnostics.map(formatDiagnostic)).toEqual(expected)
    },
  )

  test.each(
    examples('invalid').filter((name) => !read(`examples/invalid/${name}`).startsWith('# schema: cannot tell')),
  )('the invalid example %s is refused by the schema too', (name) => {
    expect(matchesSchema(parse(read(`examples/invalid/${name}`), { merge: false }))).toBe(false)
  })
})
