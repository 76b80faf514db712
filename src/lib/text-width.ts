import { eastAsianWidth } from 'get-east-asian-width'

let segmenter: Intl.Segmenter | null = null

/** Made for the first text that is more than ASCII: it takes ten milliseconds, which most commands never need. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** Graphemes that take no column: nothing in them is visible. */
const invisible = /^[\p{Mn}\p{Me}\p{C}\p{Default_Ignorable_Code_Point}]*$/u
/** Characters within a grapheme that take a column beside the first one: spacing marks, SARA AM, half-width voice marks. */
const spacing = /[\p{Mc}\u0e33\u0eb3\uff9e\uff9f]/gu

/** Columns of one grapheme; where terminals differ rather too many than too few, so that a line that was cut never wraps. */
function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  if (/\p{Emoji_Presentation}|\ufe0f|\u20e3/u.test(grapheme)) return 2
  const [first = '', ...rest] = grapheme
  return eastAsianWidth(first.codePointAt(0) ?? 0) + (rest.join('').match(spacing)?.length ?? 0)
}

/** ASCII and the signs of our own views: one column each, none of which joins another. */
const plain = /^[ -~·…→↓●✔✖]*$/u

/** How many columns a terminal needs for a text without escape sequences. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

/** The text in at most `columns` columns; what was cut is replaced by `sign`, one column wide. */
export function cut(text: string, columns: number, sign = '…'): string {
  if (displayWidth(text) <= columns) return text
  if (columns < 1) return ''
  if (plain.test(text)) return text.slice(0, columns - 1) + sign
  let kept = ''
  let width = 0
  for (const { segment } of graphemesOf(text)) {
    width += graphemeWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return kept + sign
}

/** The text in at most `columns` columns; what was cut from its middle is replaced by `sign`, one column wide. */
export function cutMiddle(text: string, columns: number, sign = '…'): string {
  if (displayWidth(text) <= columns) return text
  const segments = Array.from(graphemesOf(text), ({ segment }) => segment)
  const tailColumns = Math.floor((columns - 1) / 2)
  let tail = ''
  for (const segment of segments.reverse()) {
    if (displayWidth(segment + tail) > tailColumns) break
    tail = segment + tail
  }
  return cut(text, columns - displayWidth(tail), sign) + tail
}

/** The text in exactly `columns` columns: padded, or cut in its middle, since names differ at their ends. */
export function column(text: string, columns: number, sign = '…'): string {
  return pad(cutMiddle(text, columns, sign), columns)
}

/** The text with spaces behind it, up to `columns` columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

/** The text broken between words into lines of at most `columns`; a word that is longer, such as an address, keeps its line. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return line === '' ? lines : [...lines, line]
}
