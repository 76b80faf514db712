import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shippingCost } from './shipping.js'

const orderOf = (...quantities) => ({ lines: quantities.map((quantity) => ({ quantity })) })

test('each further item costs a little more', () => {
  assert.equal(shippingCost(orderOf(1)), 390)
  assert.equal(shippingCost(orderOf(1, 2)), 490)
})

test('ten items are sent for free', () => assert.equal(shippingCost(orderOf(4, 6)), 0))
