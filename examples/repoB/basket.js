import { sum } from 'repoA'

/** Places an order; the prices of the items are in cents. */
export function placeOrder(items) {
  const lines = items.map(({ name, quantity, cents }) => ({ name, quantity, price: cents * quantity }))
  return { lines, total: sum(lines.map((line) => line.price)) }
}
