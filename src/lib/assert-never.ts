/** Ends every `switch` over a closed union, so that a new case breaks compilation instead of behaviour. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`)
}
