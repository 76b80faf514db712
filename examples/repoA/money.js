/** The sum of amounts in cents. */
export const sum = (amounts) => amounts.map(checked).reduce((total, amount) => total + amount, 0)

/** An amount in cents as a customer reads it: `4.50 EUR`. */
export const formatMoney = (cents, currency = 'EUR') => `${(checked(cents) / 100).toFixed(2)} ${currency}`

function checked(cents) {
  if (!Number.isInteger(cents)) throw new TypeError(`Not an amount of cents: ${JSON.stringify(cents)}`)
  return cents
}
