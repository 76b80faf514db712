import type { Output } from '../output.js'

/** Size of the terminal now; it may change at any time. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** The lines at the bottom of a terminal that are drawn again and again. */
export interface LiveScreen {
  /** Replaces the frame. Lines must fit the columns. */
  draw(lines: readonly ScreenLine[]): void
  /** Writes lines above the frame, where they stay. */
  above(text: string): void
  /** Takes the frame away and gives the cursor back; nothing is drawn after it. Safe to call twice and from an exit handler. */
  close(): void
}

/** A line as it is written, and its width in columns without its escape sequences. */
export interface ScreenLine {
  text: string
  width: number
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
/** Erase to the end of the line, and of the screen (ECMA-48 EL, ED). */
const eraseRight = '\u001b[K'
const eraseBelow = '\u001b[J'

export function createLiveScreen(output: Output, size: () => TerminalSize): LiveScreen {
  let frame: readonly ScreenLine[] = []
  let isCursorHidden = false
  let isClosed = false

  /** Goes back to where the frame began: a terminal that became narrower has broken its lines. */
  const goBack = (): string => {
    const { columns } = size()
    const height = frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.width / Math.max(1, columns))), 0)
    return height === 0 ? '' : `\r\u001b[${height}A`
  }
  // Line by line, not by erasing first: that flickers, and tmux keeps a copy of a screen that is erased from its top.
  const body = (lines: readonly ScreenLine[]): string =>
    `${lines.map((line) => `${line.text}${eraseRight}\n`).join('')}${eraseBelow}`
  const isSame = (lines: readonly ScreenLine[]): boolean =>
    lines.length === frame.length && lines.every((line, index) => line.text === frame[index]?.text)

  return {
    draw(lines) {
      if (isClosed || output.isBusy() || isSame(lines)) return
      output.write(`${isCursorHidden ? '' : hideCursor}${goBack()}${body(lines)}`)
      isCursorHidden = true
      frame = lines
    },
    above(text) {
      if (text === '') return
      const whole = text.endsWith('\n') ? text : `${text}\n`
      output.write(frame.length === 0 ? whole : `${goBack()}${eraseBelow}${whole}${body(frame)}`)
    },
    close() {
      if (isClosed) return
      if (isCursorHidden) output.write(`${goBack()}${eraseBelow}${showCursor}`)
      isClosed = true
      frame = []
    },
  }
}
