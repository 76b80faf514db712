/** `broken`: the sender ended the request in the middle. */
export type BodyReading = { kind: 'read'; text: string } | { kind: 'too-large' } | { kind: 'broken' }

/**
 * The body of a request, if it has at most `maxBytes` bytes. A longer one is not read to its end, and is not cancelled either: that would close
 * the connection before the sender has the answer. Bytes that are not UTF-8 are replaced, so that no signature matches such a body.
 */
export async function readBody(request: Request, maxBytes: number): Promise<BodyReading> {
  if (Number(request.headers.get('content-length') ?? '0') > maxBytes) return { kind: 'too-large' }
  if (request.body === null) return { kind: 'read', text: '' }
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for (;;) {
    const next = await reader.read().catch(() => null)
    if (next === null) return { kind: 'broken' }
    if (next.done) break
    sizeBytes += next.value.byteLength
    if (sizeBytes > maxBytes) {
      reader.releaseLock()
      return { kind: 'too-large' }
    }
    chunks.push(next.value)
  }
  return { kind: 'read', text: decode(chunks) }
}

/** A byte order mark is kept, because the signature includes it. */
function decode(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const parts = chunks.map((chunk) => decoder.decode(chunk, { stream: true }))
  return [...parts, decoder.decode()].join('')
}
