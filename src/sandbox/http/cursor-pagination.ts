import type { Answer } from './answer.js'
import { failure } from './answer.js'
import type { Call } from './call.js'
import { readPage } from './pagination.js'

/**
 * Returns the part of `items` that `before`, `after` and `per_page` select, each converted by `present`, with its `Link` header. A cursor holds the ID
 * of an entry, so later entries do not shift a page. 422 for a cursor of an unknown entry.
 */
export function cursorPaged<Item extends { id: number }>(
  call: Call,
  items: readonly Item[],
  present: (item: Item) => unknown,
): Answer {
  const { perPage } = readPage(call.query)
  const after = positionOf(items, call.query.get('after'))
  const before = positionOf(items, call.query.get('before'))
  if (after === -1 || before === -1) return failure(422, 'Invalid request.\n\nThe cursor is not valid.')
  const end = before ?? items.length
  const start = before === null ? (after ?? -1) + 1 : Math.max(0, before - perPage)
  const page = items.slice(start, Math.min(end, start + perPage))
  const links: string[] = []
  const link = (relation: string, cursor: 'before' | 'after', item: Item | undefined): void => {
    if (item === undefined) return
    const url = new URL(call.url)
    url.searchParams.delete(cursor === 'before' ? 'after' : 'before')
    url.searchParams.set(cursor, cursorOf(item))
    links.push(`<${url.href}>; rel="${relation}"`)
  }
  if (start > 0) link('prev', 'before', page[0])
  if (start + page.length < items.length) link('next', 'after', page.at(-1))
  return { status: 200, body: page.map(present), ...(links.length > 0 && { headers: { link: links.join(', ') } }) }
}

function cursorOf(item: { id: number }): string {
  return Buffer.from(`cursor:${item.id}`).toString('base64url')
}

/** Returns the index of the cursor's entry; null without a cursor, -1 if no entry has its ID. */
function positionOf(items: readonly { id: number }[], cursor: string | null): number | null {
  if (cursor === null) return null
  const id = Number(Buffer.from(cursor, 'base64url').toString('utf8').replace('cursor:', ''))
  return items.findIndex((item) => item.id === id)
}
