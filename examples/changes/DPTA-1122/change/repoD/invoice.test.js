import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOrder } from 'repoB'
import { renderInvoice } from './invoice.js'

test('the invoice is in the currency of the order', () => {
  const order = placeOrder([{ name: 'Tea', quantity: 2, cents: 450 }], 'CHF')
  assert.match(renderInvoice(order), /Total: 9\.00 CHF/)
})

test('an order of the basket becomes an invoice', () => {
  const order = placeOrder([{ name: 'Tea', quantity: 2, cents: 450 }])
  assert.equal(renderInvoice(order, 390), ['2 x Tea: 9.00 EUR', 'Shipping: 3.90 EUR', 'Total: 12.90 EUR'].join('\n'))
})
