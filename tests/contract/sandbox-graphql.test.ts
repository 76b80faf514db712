import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { GraphQLNamedType, GraphQLSchema } from 'graphql'
import {
  assertValidSchema,
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'

import { executableSchema } from '../../src/sandbox/graphql/executable-schema.js'
import { schemaText } from '../../src/sandbox/graphql/schema-text.js'

const published = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'))
const github = buildSchema(readFileSync(published, 'utf8'), { assumeValid: true })
const sandbox = buildSchema(schemaText)

/** Lists the parts of a type, each as a line. */
function linesOf(type: GraphQLNamedType): string[] {
  if (isScalarType(type)) return ['scalar']
  if (isEnumType(type)) return type.getValues().map(({ name }) => name)
  if (isUnionType(type)) return type.getTypes().map(({ name }) => `| ${name}`)
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map(({ name, type: of }) => `${name}: ${String(of)}`)
  return [
    ...type.getInterfaces().map(({ name }) => `implements ${name}`),
    ...Object.values(type.getFields()).flatMap((field) => [
      `${field.name}: ${String(field.type)}`,
      ...field.args.map(({ name, type: of, defaultValue }) => {
        return `${field.name}(${name}: ${String(of)} = ${JSON.stringify(defaultValue)})`
      }),
    ]),
  ]
}

function kindOf(type: GraphQLNamedType | undefined): string {
  return type?.constructor.name ?? 'missing'
}

function typesOf(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
}

describe('GraphQL schema', () => {
  const types = typesOf(sandbox).filter((type) => !isSpecifiedScalarType(type))

  test.each(types.map((type) => [type.name, type] as const))(
    'GraphQL schema of the sandbox has no part of the type %s that GitHub does not have',
    (name, type) => {
      const known = github.getType(name)

      expect(kindOf(known)).toBe(kindOf(type))
      expect(linesOf(type).length).toBeGreaterThan(0)
      expect(linesOf(type).filter((line) => known === undefined || !linesOf(known).includes(line))).toEqual([])
    },
  )

  test('GraphQL schema of the sandbox has every argument that GitHub requires', () => {
    const missing = types.flatMap((type) => {
      const known = github.getType(type.name)
      if (!(isObjectType(type) || isInterfaceType(type)) || !(isObjectType(known) || isInterfaceType(known))) return []
      return Object.values(type.getFields()).flatMap((field) => {
        const required = known.getFields()[field.name]?.args.filter((argument) => String(argument.type).endsWith('!'))
        return (required ?? []).filter(({ name }) => !field.args.some((argument) => argument.name === name))
      })
    })

    expect(missing).toEqual([])
  })

  test('GraphQL schema of the sandbox is up to date with its script and the published schema', () => {
    const script = fileURLToPath(new URL('../../scripts/extract-graphql-schema.js', import.meta.url))
    const made = execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' })

    expect(readFileSync(new URL('../../src/sandbox/graphql/schema-text.ts', import.meta.url), 'utf8')).toBe(made)
  })

  test('GraphQL schema of the sandbox is valid, and every field has a resolver', () => {
    expect(() => assertValidSchema(sandbox)).not.toThrow()
    expect(() => executableSchema()).not.toThrow()
    expect(executableSchema()).toBe(executableSchema())
  })
})
