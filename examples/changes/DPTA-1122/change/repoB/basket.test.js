import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderInvoice } from 'repoD'
import { placeOrder } from './basket.js'

const items = [
  { name: 'Tea', quantity: 2, cents: 450 },
  { name: 'Mug', quantity: 1, cents: 1200 },
]

test('an order has a price with its currency for each line and in total', () => {
  assert.deepEqual(placeOrder(items, 'CHF'), {
    lines: [
      { name: 'Tea', quantity: 2, price: { cents: 900, currency: 'CHF' } },
      { name: 'Mug', quantity: 1, price: { cents: 1200, currency: 'CHF' } },
    ],
    total: { cents: 2100, currency: 'CHF' },
  })
})

test('the invoice understands the order', () => {
  assert.match(renderInvoice(placeOrder(items, 'CHF')), /Total: 21\.00 CHF/)
})
