/**
 * The body of an answer by its media type: the value of a JSON text (the text itself if it is not JSON), a text, or bytes. It is read as Octokit does,
 * but with `JSON.parse`: Octokit turns each number that is too large into a bigint, which takes as long as all
 * the rest. No payload here holds such a number (`payload.ts` refuses it in either form).
 */
export function readBody(contentType: string | null, bytes: ArrayBuffer): unknown {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const mediaType = type.trim()
  if (mediaType === '') return toText(bytes)
  if (mediaType === 'application/json' || mediaType === 'application/scim+json') return readJson(toText(bytes))
  const isUtf8 = parameters.some((parameter) => /^\s*charset\s*=\s*"?utf-8"?\s*$/u.test(parameter))
  const isText = mediaType.startsWith('text/') || (isUtf8 && mediaType !== 'application/octet-stream')
  return isText ? toText(bytes) : bytes
}

const utf8 = new TextDecoder()

/** By UTF-8, without a byte order mark. */
export function toText(bytes: ArrayBuffer): string {
  return utf8.decode(bytes)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}
