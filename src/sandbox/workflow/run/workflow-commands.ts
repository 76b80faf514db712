import type { JobLog } from './job-log.js'

const command = /^\s*::([A-Za-z-]+)(?: [^:]*)?::(.*)$/s

/**
 * Takes the lines a step prints into the log, as GitHub's runner does with workflow commands: `::group::`, `::error::` and their like become
 * `##[group]`, `##[error]`; `::add-mask::` hides a value; `::debug::` is not shown; between `::stop-commands::token` and `::token::` nothing is one.
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
