import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import openApi from '../../../config/openapi.json' with { type: 'json' }
import { asAdministrator, ask, PagesWorld } from '../pages-world.js'

test('config/openapi.json is valid OpenAPI 3.1, and each of its references leads to a schema', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(openApi))
  expect({ valid, errors, version: validator.version }).toEqual({ valid: true, errors: undefined, version: '3.1' })
  const references = [...JSON.stringify(openApi).matchAll(/"#\/components\/schemas\/([^"]+)"/gu)].map(
    ([, name]) => name,
  )
  expect(Object.keys(openApi.components.schemas)).toEqual(expect.arrayContaining(references))
})

test('the service answers the document, and everything that it describes', async () => {
  const app = new PagesWorld().app()
  expect(await (await ask(app, '/openapi.json', { headers: asAdministrator })).json()).toEqual(openApi)
  const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method, path] as const),
  )
  expect(operations).toHaveLength(13)
  for (const [method, path] of operations) {
    const url = path.replaceAll(/\{\w+\}/gu, 'x')
    const response = await ask(app, url, { method: method.toUpperCase(), headers: asAdministrator })
    const text = await response.text()
    expect(text).not.toContain('There is nothing at')
    expect([method, path, Object.keys(responsesOf(path, method))]).toEqual([
      method,
      path,
      expect.arrayContaining([String(response.status)]),
    ])
  }
})

function responsesOf(path: string, method: string): object {
  const paths = openApi.paths as Record<string, Record<string, { responses: object }>>
  return paths[path]?.[method]?.responses ?? {}
}
