import { formatMoney, sum } from 'repoA'

/** The text of an invoice; shipping is in cents. */
export function renderInvoice(order, shipping = 0) {
  return [
    ...order.lines.map((line) => `${line.quantity} x ${line.name}: ${formatMoney(line.price)}`),
    `Shipping: ${formatMoney(shipping)}`,
    `Total: ${formatMoney(sum([order.total, shipping]))}`,
  ].join('\n')
}
