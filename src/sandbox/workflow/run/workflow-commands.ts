import type { JobLog } from './job-log.js'

const command = /^\s*::([A-Za-z-]+)(?: [^:]*)?::(.*)$/s

/**
 * Writes the lines of a step's output to the log and handles workflow commands like GitHub's runner: `::group::` and `::error::` become `##[group]` and
 * `##[error]`; `::add-mask::` hides a value; `::debug::` is not shown; commands between `::stop-commands::token` and `::token::` are ignored.
 */
export function createCommandReader(log: JobLog): (line: string) => void {
  let stopToken: string | undefined
  return (line) => {
    if (stopToken !== undefined) {
      if (line.trim() === `::${stopToken}::`) stopToken = undefined
      else log.write(line)
      return
    }
    const match = command.exec(line)
    const [, name = '', text = ''] = match ?? []
    switch (name.toLowerCase()) {
      case 'group':
      case 'endgroup':
      case 'error':
      case 'warning':
      case 'notice':
        log.write(`##[${name.toLowerCase()}]${unescape(text)}`)
        return
      case 'add-mask':
        log.mask(unescape(text))
        return
      case 'debug':
        return
      case 'stop-commands':
        stopToken = text
        return
      default:
        log.write(line)
    }
  }
}

const unescape = (text: string): string => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
