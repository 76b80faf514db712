import { expect, test } from 'vitest'
import { readBody } from '../../../src/github/http/body.js'

function bytesOf(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer
}

test.each([
  ['application/json; charset=utf-8', '{"a":[1,"ä"]}', { a: [1, 'ä'] }],
  ['Application/JSON', '{}', {}],
  ['application/scim+json', '[]', []],
  ['application/json', '', ''],
  ['application/json', '<html>', '<html>'],
  ['text/html', '<html>', '<html>'],
  ['application/vnd.github.raw+json; charset=utf-8', 'on: push', 'on: push'],
  ['application/vnd.github.raw; Charset="UTF-8"', '{}', '{}'],
  [null, '{}', '{}'],
])('a body of the type %s with the text %j is read as %j', (type, text, body) => {
  expect(readBody(type, bytesOf(text))).toEqual(body)
})

test.each(['application/octet-stream; charset=utf-8', 'application/vnd.github.raw', 'application/zip'])(
  'a body of the type %s is read as bytes',
  (type) => {
    const bytes = bytesOf('{}')
    expect(readBody(type, bytes)).toBe(bytes)
  },
)
