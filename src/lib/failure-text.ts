/** What a thrown value says, one line. */
export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
