/** The most names that a list shows; the rest is counted. */
const maxNames = 5

/** `a, b, c`, or `a, b, c, d, e and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).join(', ')
  return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown
}
