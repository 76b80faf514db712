const escape = '\u001b'

/** What a terminal shows after such output: enough of ECMA-48 for a live frame; a line that is too long breaks. */
export class TerminalEmulator {
  readonly columns: number
  readonly lines: string[] = ['']
  isCursorVisible = true
  /** How often a character had to go to the next line for want of room. */
  breaks = 0
  #row = 0
  #column = 0

  constructor(columns: number) {
    this.columns = columns
  }

  /** The screen with all that has scrolled off it. */
  get text(): string {
    return this.lines.map((line) => line.trimEnd()).join('\n')
  }

  feed(output: string): void {
    const sequence = new RegExp(`${escape}\\[(\\??[0-9;]*)([A-Za-z])`, 'uy')
    for (let at = 0; at < output.length;) {
      sequence.lastIndex = at
      const found = sequence.exec(output)
      if (found) {
        this.#control(found[1] ?? '', found[2] ?? '')
        at += found[0].length
      } else {
        this.#print(output.charAt(at))
        at += 1
      }
    }
  }

  #control(parameters: string, final: string): void {
    if (final === 'A') this.#row = Math.max(0, this.#row - Number(parameters))
    else if (final === 'J') {
      this.lines.length = this.#row + 1
      this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column)
    } else if (final === 'K') {
      this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column)
    } else if (parameters === '?25') this.isCursorVisible = final === 'h'
    else if (final !== 'm') throw new Error(`a control that no reporter should write: ${parameters}${final}`)
  }

  #print(char: string): void {
    if (char === '\n') this.#nextLine()
    else if (char === '\r') this.#column = 0
    else {
      if (char < ' ') throw new Error(`a control character that no reporter should write: ${JSON.stringify(char)}`)
      if (this.#column === this.columns) {
        this.#nextLine()
        this.breaks += 1
      }
      const line = (this.lines[this.#row] ?? '').padEnd(this.#column)
      this.lines[this.#row] = line.slice(0, this.#column) + char + line.slice(this.#column + 1)
      this.#column += 1
    }
  }

  #nextLine(): void {
    this.#row += 1
    this.#column = 0
    this.lines[this.#row] ??= ''
  }
}
