const maxLines = 20
/** Characters of a line that are shown: its beginning and its end. */
const maxLineLength = 1000
/** How much of one line is kept while it is read, in UTF-16 units: more than is shown, because a time and marks before the text are removed. */
const maxLineKept = 4 * maxLineLength
/** How much of the end of a log is kept while it is read, in UTF-16 units: enough for twenty of the longest lines. */
const maxKept = (maxLines + 5) * maxLineKept

interface Span {
  startedAt: number | null
  completedAt: number | null
}

export interface LogTail {
  /** Takes the next piece of the log; false: the rest is not needed. */
  take: (text: string) => boolean
  /** The last lines of the step, without timestamps; at most twenty. */
  end: () => string[]
}

/**
 * Picks the end of one step's output out of a workflow job's log, which is one text for all steps. The lines carry times,
 * and the step has its start and end; null keeps the end of the whole log.
 */
export function createLogTail(step: Span | null): LogTail {
  const from = step?.startedAt ?? -Infinity
  // GitHub truncates the step's times to whole seconds: its last lines may be up to a second later.
  const to = (step?.completedAt ?? Infinity) + 1000
  const inside = createLastLines()
  const before = createLastLines()
  let target = inside
  let rest = ''
  const takeLine = (line: string): boolean => {
    const at = readTime(line)
    if (at !== null && at >= to) return false
    // A line without a time belongs with the line before it.
    if (at !== null) target = at >= from ? inside : before
    target.push(line)
    return true
  }
  return {
    take: (text) => {
      const lines = (rest + text).split('\n')
      rest = shorten(lines.pop() ?? '', maxLineKept)
      return lines.every(takeLine)
    },
    end: () => {
      if (rest !== '') takeLine(rest)
      rest = ''
      return finish(inside.lines.length > 0 ? inside.lines : before.lines)
    },
  }
}

function createLastLines(): { push: (line: string) => void; lines: readonly string[] } {
  const lines: string[] = []
  let size = 0
  return {
    lines,
    push: (whole) => {
      const line = shorten(whole, maxLineKept)
      lines.push(line)
      size += line.length
      while (size > maxKept && lines.length > 1) size -= lines.shift()?.length ?? 0
    },
  }
}

function finish(lines: readonly string[]): string[] {
  const bare = lines.map((line) => line.replace(timestamp, '').replace(/\r$/u, ''))
  // What follows the step's last error belongs to the steps after it, such as the clean-up.
  const error = bare.findLastIndex((line) => line.startsWith('##[error]'))
  return bare
    .slice(0, error === -1 ? bare.length : error + 1)
    .filter((line) => line !== '##[endgroup]')
    .map(withoutMarker)
    .slice(-maxLines)
}

const timestamp = /^\uFEFF?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z ?/u

function readTime(line: string): number | null {
  const found = timestamp.exec(line)
  if (!found) return null
  const at = Date.parse(`${found[1] ?? ''}${(found[2] ?? '').slice(0, 4)}Z`)
  return Number.isNaN(at) ? null : at
}

function withoutMarker(line: string): string {
  const shown = line
    .replace(/^##\[error\]/u, 'Error: ')
    .replace(/^##\[warning\]/u, 'Warning: ')
    .replace(/^##\[(?:group|command|section|debug|notice)\]/u, '')
  return shorten(shown, maxLineLength, '…')
}

/** The beginning and the end of a text, of at most `length` UTF-16 units and the sign between them. No surrogate pair is halved. */
function shorten(text: string, length: number, sign = ''): string {
  if (text.length <= length) return text
  const beginning = text.slice(0, length / 2).replace(/[\ud800-\udbff]$/u, '')
  return `${beginning}${sign}${text.slice(-length / 2).replace(/^[\udc00-\udfff]/u, '')}`
}
