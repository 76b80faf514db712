import { sum } from 'repoA'

const firstItem = 390
const furtherItem = 50

/** What it costs to send an order, in cents. Ten items and more are sent for free. */
export function shippingCost(order) {
  const count = order.lines.reduce((items, line) => items + line.quantity, 0)
  return count === 0 || count >= 10 ? 0 : sum([firstItem, (count - 1) * furtherItem])
}
