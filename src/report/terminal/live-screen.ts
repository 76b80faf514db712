import type { Output } from '../output.js'

/** Current size of the terminal; it may change at any time. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** The lines at the bottom of a terminal that are redrawn. */
export interface LiveScreen {
  /** Replaces the frame. Lines must fit the columns. */
  draw(lines: readonly ScreenLine[]): void
  /** Writes permanent lines above the frame. */
  above(text: string): void
  /** Removes the frame and shows the cursor; nothing is drawn afterwards. Safe to call twice and from an exit handler. */
  close(): void
}

/** A line with its escape sequences, and its width in columns without them. */
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

  /** Moves the cursor to the start of the frame. A terminal that became narrower has wrapped its lines. */
  const toStart = (): string => {
    const { columns } = size()
    const height = frame.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.width / Math.max(1, columns))), 0)
    return height === 0 ? '' : `\r\u001b[${height}A`
  }
  // Each line is overwritten: erasing first flickers, and tmux keeps a copy of a screen that is erased from its top.
  const body = (lines: readonly ScreenLine[]): string =>
    `${lines.map((line) => `${line.text}${eraseRight}\n`).join('')}${eraseBelow}`
  const isSame = (lines: readonly ScreenLine[]): boolean =>
    lines.length === frame.length && lines.every((line, index) => line.text === frame[index]?.text)

  return {
    draw(lines) {
      if (isClosed || output.isBusy() || isSame(lines)) return
      output.write(`${isCursorHidden ? '' : hideCursor}${toStart()}${body(lines)}`)
      isCursorHidden = true
      frame = lines
    },
    above(text) {
      if (text === '') return
      const whole = text.endsWith('\n') ? text : `${text}\n`
      output.write(frame.length === 0 ? whole : `${toStart()}${eraseBelow}${whole}${body(frame)}`)
    },
    close() {
      if (isClosed) return
      if (isCursorHidden) output.write(`${toStart()}${eraseBelow}${showCursor}`)
      isClosed = true
      frame = []
    },
  }
}
