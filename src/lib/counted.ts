/** `1 job`, `2 jobs`, `2 repositories`, `2 dispatches`. */
export function counted(count: number, noun: string): string {
  return `${count} ${plural(count, noun)}`
}

/** The noun in the number that the count requires. */
export function plural(count: number, noun: string): string {
  if (count === 1) return noun
  if (/[^aeiou]y$/u.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(?:s|x|ch|sh)$/u.test(noun) ? `${noun}es` : `${noun}s`
}
