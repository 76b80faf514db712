import { formatMoney, sum } from 'repoA'

/** The text of an invoice; shipping is in cents of the order's currency. */
export function renderInvoice(order, shipping = 0) {
  const money = (cents) => formatMoney(cents, order.total.currency)
  return [
    ...order.lines.map((line) => `${line.quantity} x ${line.name}: ${money(line.price.cents)}`),
    `Shipping: ${money(shipping)}`,
    `Total: ${money(sum([order.total.cents, shipping]))}`,
  ].join('\n')
}
