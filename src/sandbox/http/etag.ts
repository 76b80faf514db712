import { createHash } from 'node:crypto'

/** Maximum number of addresses whose last answer is known. */
const MOST_KNOWN = 500

/** The last answer at each address, because most polls find it unchanged: to compare two texts is much faster than to hash one. */
const known = new Map<string, { content: string | Uint8Array; etag: string }>()

/** Returns the entity tag of an answer, which depends on its content alone. `address` is where the answer was asked for. */
export function etagOf(address: string, content: string | Uint8Array): string {
  const last = known.get(address)
  if (last?.content === content) return last.etag
  const etag = `W/"${createHash('sha256').update(content).digest('hex')}"`
  known.delete(address)
  known.set(address, { content, etag })
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) break
    known.delete(oldest)
  }
  return etag
}

/** Whether one of the entity tags of an `If-None-Match` header equals this one by weak comparison. */
export function matchesEtag(header: string | null, etag: string): boolean {
  return header?.split(',').some((tag) => withoutWeakMarker(tag) === withoutWeakMarker(etag)) ?? false
}

function withoutWeakMarker(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
