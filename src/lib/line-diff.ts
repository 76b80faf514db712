/** A line that only the old text has, only the new one, or both. */
export interface DiffLine {
  sign: '-' | '+' | ' '
  text: string
}

/** The lines of a text; an empty text has none. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** The difference between two texts by lines, with a longest common subsequence. For files of a few hundred lines: time and memory are its square. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)]
  const common = commonLengths(old, now)
  const lengthAt = (row: number, column: number): number => common[row]?.[column] ?? 0
  const lines: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < old.length || column < now.length) {
    const [text = '', other = ''] = [old[row], now[column]]
    if (row < old.length && column < now.length && text === other) {
      lines.push({ sign: ' ', text })
      row += 1
      column += 1
    } else if (column >= now.length || (row < old.length && lengthAt(row + 1, column) >= lengthAt(row, column + 1))) {
      lines.push({ sign: '-', text })
      row += 1
    } else {
      lines.push({ sign: '+', text: other })
      column += 1
    }
  }
  return lines
}

/** The length of the longest common subsequence of what follows each pair of lines. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0))
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      const [below, here] = [lengths[row + 1], lengths[row]]
      if (!below || !here) continue
      const isSame = old[row] === now[column]
      here[column] = isSame ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, here[column + 1] ?? 0)
    }
  }
  return lengths
}

const context = 2

/** The lines that differ, with two lines around them; `null` stands for lines that are left out. */
export function shortDiff(before: string, after: string): (DiffLine | null)[] {
  const lines = diffLines(before, after)
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== ' ')
  const short: (DiffLine | null)[] = []
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) short.push(line)
    else if (short.length > 0 && short.at(-1) !== null) short.push(null)
  }
  if (short.at(-1) === null) short.pop()
  return short
}
