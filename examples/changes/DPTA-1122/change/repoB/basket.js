import { sum } from 'repoA'

/** Places an order; the prices of the items are in cents of the currency. */
export function placeOrder(items, currency = 'EUR') {
  const price = (cents) => ({ cents, currency })
  const lines = items.map(({ name, quantity, cents }) => ({ name, quantity, price: price(cents * quantity) }))
  return { lines, total: price(sum(lines.map((line) => line.price.cents))) }
}
