import type { Answer } from './answer.js'
import type { Call } from './call.js'

/** The requested part of a listing: `page` from 1, `perPage` 1 to 100. */
export interface Page {
  page: number
  perPage: number
}

export function readPage(query: URLSearchParams): Page {
  return {
    page: Math.max(1, positive(query.get('page')) ?? 1),
    perPage: Math.min(100, positive(query.get('per_page')) ?? 30),
  }
}

function positive(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** Returns one page of a complete list. */
export function pageOf<Item>(items: readonly Item[], { page, perPage }: Page): Item[] {
  return items.slice((page - 1) * perPage, page * perPage)
}

/** Returns an answer with the `Link` header of a listing that has `total` entries. */
export function paged(call: Call, total: number, body: unknown): Answer {
  const { page, perPage } = readPage(call.query)
  const last = Math.max(1, Math.ceil(total / perPage))
  const links: string[] = []
  const add = (number: number, relation: string): void => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(number))
    links.push(`<${url.href}>; rel="${relation}"`)
  }
  if (page > 1) add(Math.min(page - 1, last), 'prev')
  if (page < last) {
    add(page + 1, 'next')
    add(last, 'last')
  }
  if (page > 1) add(1, 'first')
  return { status: 200, body, ...(links.length > 0 && { headers: { link: links.join(', ') } }) }
}

/** Returns the requested page of `items`, each converted by `present`, with its `Link` header. */
export async function pagedList<Item>(
  call: Call,
  items: readonly Item[],
  present: (item: Item) => unknown,
): Promise<Answer> {
  const page = await Promise.all(pageOf(items, readPage(call.query)).map(present))
  return paged(call, items.length, page)
}
