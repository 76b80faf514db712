export interface ProblemResponse {
  status: number
  /** What went wrong, in a few words. */
  title: string
  /** Why, and what the sender can do. */
  detail: string
  headers?: Readonly<Record<string, string>>
}

/** An answer that explains a refusal (RFC 9457). */
export function problemResponse({ status, title, detail, headers = {} }: ProblemResponse): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } })
}
