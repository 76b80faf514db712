/** The log of one job, with GitHub's time stamp in front of each line. */
export interface JobLog {
  readonly lines: string[]
  /** Adds one entry per line of the text, masked values replaced by `***`. */
  write(text: string): void
  /** A foldable group, as GitHub shows one in front of a step. */
  group(title: string, body: string[]): void
  warning(text: string): void
  error(text: string): void
  /** Hides a value in all that is written from now on. */
  mask(value: string): void
}

/** A log whose time stamps come from `now` (ms, UTC). */
export function createJobLog(now: () => number): JobLog {
  const lines: string[] = []
  const masks = new Set<string>()
  const write = (text: string): void => {
    // GitHub's stamps have seven digits after the second.
    const stamp = new Date(now()).toISOString().replace('Z', '0000Z')
    for (const line of text.split(/\r?\n/)) {
      lines.push(`${stamp} ${[...masks].reduce((masked, value) => masked.replaceAll(value, '***'), line)}`)
    }
  }
  return {
    lines,
    write,
    group(title, body) {
      write([`##[group]${title}`, ...body, '##[endgroup]'].join('\n'))
    },
    warning: (text) => write(`##[warning]${text}`),
    error: (text) => write(`##[error]${text}`),
    mask(value) {
      for (const line of value.split(/\r?\n/)) if (line !== '') masks.add(line)
    },
  }
}
