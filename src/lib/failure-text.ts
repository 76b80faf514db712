/** The message of a thrown value, as one line. */
export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
