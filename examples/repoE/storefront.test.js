import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkout } from './storefront.js'

test('a customer gets an invoice for what is in the basket', () => {
  const invoice = checkout([
    { name: 'Tea', quantity: 2, cents: 450 },
    { name: 'Mug', quantity: 1, cents: 1200 },
  ])
  assert.equal(
    invoice,
    ['2 x Tea: 9.00 EUR', '1 x Mug: 12.00 EUR', 'Shipping: 4.90 EUR', 'Total: 25.90 EUR'].join('\n'),
  )
})
