const maxSaidLength = 300

/** GitHub's `message`, with the messages of `errors` (POST answers of 422), on one line; null: the body is not GitHub's. */
export function readMessage(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('message' in body) || typeof body.message !== 'string') return null
  const errors: unknown = 'errors' in body ? body.errors : undefined
  const details = Array.isArray(errors) ? errors.map(readDetail).filter((detail) => detail !== '') : []
  const whole = [body.message, ...details].join('; ').replace(/\s+/gu, ' ').trim()
  return whole.length <= maxSaidLength ? whole : `${whole.slice(0, maxSaidLength)}…`
}

function readDetail(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error !== 'object' || error === null) return ''
  if ('message' in error && typeof error.message === 'string') return error.message
  return ['resource', 'field', 'code']
    .map((key): unknown => (key in error ? error[key as keyof typeof error] : undefined))
    .filter((value): value is string => typeof value === 'string')
    .join(' ')
}
