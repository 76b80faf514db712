import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMoney, sum } from './money.js'

test('amounts are added', () => assert.equal(sum([450, 50]), 500))

test('an amount is written with two decimals and its currency', () => {
  assert.equal(formatMoney(450), '4.50 EUR')
  assert.equal(formatMoney(450, 'CHF'), '4.50 CHF')
})

test('what is no amount of cents is refused', () => assert.throws(() => sum([4.5]), /Not an amount of cents: 4.5/))
