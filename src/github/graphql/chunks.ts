/** How many items, such as repositories, one query requests. It only shrinks: a size that was too much once is too much again. */
export interface ChunkSize {
  now: () => number
  /** Call when `count` items were too much for one query. */
  halve: (count: number) => void
}

export function createChunkSize(first: number): ChunkSize {
  let size = first
  return {
    now: () => size,
    halve: (count) => {
      size = Math.max(1, Math.min(size, Math.floor(count / 2)))
    },
  }
}

/** `too-much`: the chunk was not answered, and a smaller one may be. */
export type ReadChunk<T, R> = (items: readonly T[]) => Promise<R[] | 'too-much'>

/**
 * Reads items in parallel chunks; the results are in the order of the items. Of a chunk that is too much, the first half is
 * tried alone: if the server answers nothing at all, the halving ends at a single item instead of requesting each one.
 */
export async function readInChunks<T, R>(
  items: readonly T[],
  size: ChunkSize,
  read: ReadChunk<T, R>,
  giveUp: (items: readonly T[]) => R[],
): Promise<R[]> {
  const results = await Promise.all(cut(items, size.now()).map((chunk) => readChunk(chunk, size, read, giveUp)))
  return results.flat()
}

async function readChunk<T, R>(
  chunk: readonly T[],
  size: ChunkSize,
  read: ReadChunk<T, R>,
  giveUp: (items: readonly T[]) => R[],
): Promise<R[]> {
  const answer = await read(chunk)
  if (answer !== 'too-much') return answer
  if (chunk.length === 1) return giveUp(chunk)
  size.halve(chunk.length)
  const [first = [], ...rest] = cut(chunk, size.now())
  const given: { up: readonly T[] } = { up: [] }
  const begun = await readChunk(first, size, read, (items) => {
    given.up = items
    return giveUp(items)
  })
  if (given.up.length > 0) return [...begun, ...giveUp(rest.flat())]
  return [...begun, ...(await readInChunks(rest.flat(), size, read, giveUp))]
}

function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
