/** Ends every `switch` over a closed union, so that a new case is a compile error instead of a missing behavior. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`)
}
