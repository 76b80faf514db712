import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { runsQuery } from '../../../src/github/runs/run-queries.js'

const path = new URL('../../../node_modules/@octokit/graphql-schema/schema.graphql', import.meta.url)
const schema = buildSchema(readFileSync(path, 'utf8'), { assumeValid: true })

test.each([
  { hasIds: true, commits: 0 },
  { hasIds: false, commits: 1 },
  { hasIds: true, commits: 25 },
])("the query about runs with $commits commits is valid in GitHub's schema", (question) => {
  expect(validate(schema, parse(runsQuery(question))).map(({ message }) => message)).toEqual([])
})

test("a query about runs with an unknown field is invalid in GitHub's schema", () => {
  const broken = runsQuery({ hasIds: true, commits: 1 }).replace('conclusion', 'verdict')
  expect(validate(schema, parse(broken))).not.toEqual([])
})
