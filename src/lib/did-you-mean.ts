/** `did you mean repoB?` for the known word that is most similar to the wrong one; undefined: none is similar. Ignores case. */
export function didYouMean(mistaken: string, known: Iterable<string>): string | undefined {
  // A third of the letters may be wrong: enough for typing mistakes, too few to match unrelated words.
  let limit = Math.max(1, Math.floor(Math.min(mistaken.length, 60) / 3)) + 1
  let nearest: string | undefined
  const word = mistaken.toLowerCase()
  for (const candidate of known) {
    const distance = editDistance(word, candidate.toLowerCase(), limit)
    if (distance >= limit) continue
    limit = distance
    nearest = candidate
    if (distance === 0) break
  }
  return nearest === undefined ? undefined : `did you mean ${nearest}?`
}

/**
 * The number of letters to insert, delete, change, or swap with their neighbour to turn one word into the other.
 * Returns `limit` as soon as the distance is known to be at least that.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        cell(last, j) + 1,
        cell(row, j - 1) + 1,
        cell(last, j - 1) + (isSame ? 0 : 1),
        isSwap ? cell(beforeLast, j - 2) + 1 : limit,
      )
    }
    if (Math.min(...row) >= limit && Math.min(...last) >= limit) return limit
    beforeLast = last
    last = row
  }
  return Math.min(limit, cell(last, b.length))
}

function cell(row: readonly number[], at: number): number {
  return row[at] ?? Number.POSITIVE_INFINITY
}
