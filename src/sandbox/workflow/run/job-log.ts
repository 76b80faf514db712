/** The log of one job; each line starts with a timestamp in GitHub's format. */
export interface JobLog {
  readonly lines: string[]
  /** Adds an entry for each line of the text and replaces masked values by `***`. */
  write(text: string): void
  /** Adds a collapsible group, which GitHub shows at the start of a step. */
  group(title: string, body: string[]): void
  warning(text: string): void
  error(text: string): void
  /** Hides a value in all later entries. */
  mask(value: string): void
}

/** Creates a log whose timestamps come from `now` (ms, UTC). */
export function createJobLog(now: () => number): JobLog {
  const lines: string[] = []
  const masks = new Set<string>()
  const write = (text: string): void => {
    // GitHub's timestamps have seven decimal places.
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
