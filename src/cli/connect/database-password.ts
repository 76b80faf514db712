/** The password in the URL of a database, as it is typed and decoded, for the redaction of the log; empty: there is none. */
export function passwordOf(databaseUrl: string): string[] {
  const { password } = new URL(databaseUrl)
  if (password === '') return []
  return [password, decodeURIComponent(password)]
}
