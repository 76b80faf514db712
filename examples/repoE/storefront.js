import { placeOrder } from 'repoB'
import { shippingCost } from 'repoC'
import { renderInvoice } from 'repoD'

/** Sells what is in the basket and gives the invoice. */
export function checkout(items) {
  const order = placeOrder(items)
  return renderInvoice(order, shippingCost(order))
}
