import { expect, test } from 'vitest'
import { openUrl, sealUrl } from '../../../src/service/chat/response-url.js'

const url = 'https://hooks.slack.com/commands/T0001/1234/abcdef'

test('a sealed address is opened with the same secret only', () => {
  expect(openUrl(sealUrl(url, 'one'), 'one')).toBe(url)
  expect(openUrl(sealUrl(url, 'one'), 'two')).toBeNull()
})

test('a sealed address shows nothing of itself, and differs each time', () => {
  const sealed = sealUrl(url, 'one')

  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('slack')
  expect(sealUrl(url, 'one')).not.toBe(sealed)
})
