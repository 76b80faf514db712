import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderInvoice } from 'repoD'
import { placeOrder } from './basket.js'

const items = [
  { name: 'Tea', quantity: 2, cents: 450 },
  { name: 'Mug', quantity: 1, cents: 1200 },
]

test('an order has a price for each line and a total', () => {
  assert.deepEqual(placeOrder(items), {
    lines: [
      { name: 'Tea', quantity: 2, price: 900 },
      { name: 'Mug', quantity: 1, price: 1200 },
    ],
    total: 2100,
  })
})

test('the invoice understands the order', () => {
  assert.match(renderInvoice(placeOrder(items)), /Total: 21\.00 EUR/)
})
