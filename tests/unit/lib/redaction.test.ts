import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedaction, withoutTokens } from '../../../src/lib/redaction.js'

const token = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'

describe('a known token', () => {
  test('is found in base64, whatever stands before and after it', () => {
    const redaction = createRedaction()
    redaction.add(token)
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
        for (const encoding of ['base64', 'base64url'] as const) {
          const redacted = redaction.redact(Buffer.from(before + token + after).toString(encoding))
          expect(redacted).toContain('[token]')
          expect(redacted.replace('[token]', '').length).toBeLessThan((before.length + after.length) * 6 + 10)
        }
      }),
    )
  })

  test('leaves other base64 alone', () => {
    const redaction = createRedaction()
    redaction.add(token)
    const other = Buffer.from('x-access-token:another one').toString('base64')
    expect(redaction.redact(other)).toBe(other)
  })
})

test.each([token, `ghs_${'a'.repeat(36)}`, `github_pat_11ABCDEFG0${'x'.repeat(40)}`])(
  'what looks like a token is removed from a text: %s',
  (secret) => {
    expect(withoutTokens(`error: unknown option '--token=${secret}'`)).toBe("error: unknown option '--token=[token]'")
  },
)
