import { describe, expect, test } from 'vitest'
import { OverwritingLaw } from '../../simulation/overwriting-law.js'

const closing = { repo: 'acme/a', headSha: 'a', state: 'error', description: 'run:1 superseded' } as const
const revoking = { repo: 'acme/a', headSha: 'a', state: 'pending', description: 'run:1 revoked: moved' } as const
const claim = { repo: 'acme/a', headSha: 'a', state: 'pending', description: 'run:1 building' } as const
const success = { repo: 'acme/a', headSha: 'a', state: 'success', description: 'run:1 ok' } as const

describe('the law of the simulation on statuses of another writer', () => {
  test.each([closing, revoking])('requires a listing of the head before $description', (post) => {
    const law = new OverwritingLaw()
    law.listed('another head', false)
    expect(law.check(post)).toContain('without reading its newest status first')
    law.listed('a', false)
    expect(law.check(post)).toBeNull()
    expect(law.check(post)).toContain('without reading its newest status first')
  })

  test.each([closing, revoking])('forbids $description over what the last listing showed', (post) => {
    const law = new OverwritingLaw()
    law.listed('a', false)
    law.listed('a', true)
    expect(law.check(post)).toContain("although its newest status was somebody else's")
  })

  test.each([claim, success])('does not apply to $description, which uses up no listing', (post) => {
    const law = new OverwritingLaw()
    expect(law.check(post)).toBeNull()
    law.listed('a', false)
    expect(law.check(post)).toBeNull()
    expect(law.check(closing)).toBeNull()
  })
})
