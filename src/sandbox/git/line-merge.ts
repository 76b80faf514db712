interface Edit {
  /** The first line of the base that is replaced. */
  start: number
  /** The line of the base after the last one that is replaced. */
  end: number
  lines: string[]
}

/** Splits text into lines that keep their line ends. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function edit(base: string[], changed: string[]): Edit {
  let start = 0
  while (start < base.length && start < changed.length && base[start] === changed[start]) start++
  let tail = 0
  while (
    tail < base.length - start &&
    tail < changed.length - start &&
    base[base.length - 1 - tail] === changed[changed.length - 1 - tail]
  ) {
    tail++
  }
  return { start, end: base.length - tail, lines: changed.slice(start, changed.length - tail) }
}

/**
 * Merges two changes of one text, or returns null if they touch. Each side counts as one change from its first to its last changed line, so this
 * reports more conflicts than git does, and never fewer.
 */
export function mergeLines(base: string, ours: string, theirs: string): string | null {
  const lines = splitLines(base)
  const [first, second] = [edit(lines, splitLines(ours)), edit(lines, splitLines(theirs))].sort(
    (a, b) => a.start - b.start || a.end - b.end,
  )
  if (first === undefined || second === undefined || first.end >= second.start) return null
  return [
    ...lines.slice(0, first.start),
    ...first.lines,
    ...lines.slice(first.end, second.start),
    ...second.lines,
    ...lines.slice(second.end),
  ].join('')
}

/** Returns the number of lines added and removed between two texts, with the same approximation. */
export function changedLines(from: string, to: string): { additions: number; deletions: number } {
  const change = edit(splitLines(from), splitLines(to))
  return { additions: change.lines.length, deletions: change.end - change.start }
}
