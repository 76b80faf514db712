import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { schemaFiles } from '../../scripts/schemas.js'

const root = new URL('../../', import.meta.url)

test('config/schemas, config/openapi.json and docs/http-api.md hold exactly what `npm run schemas` generates from the types in src/model/wire', async () => {
  const generated = await schemaFiles()
  const names = await readdir(new URL('config/schemas/', root))
  const paths = [...names.map((name) => `config/schemas/${name}`), 'config/openapi.json', 'docs/http-api.md']
  const committed = await Promise.all(
    paths.map(async (path) => {
      return [path, await readFile(new URL(path, root), 'utf8')] as const
    }),
  )
  expect(Object.fromEntries(committed)).toEqual(generated)
}, 60_000)
