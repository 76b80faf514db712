import { compileLess } from './process/compiler.js'
import { createOutput } from '../report/output.js'
import { readVersion } from './version.js'

/** Commander also stops at this flag, regardless of what follows. Answering it here saves loading commander. */
function isVersionAsked([first]: readonly string[]): boolean {
  return first === '--version' || first === '-V'
}

async function main(args: readonly string[]): Promise<void> {
  if (isVersionAsked(args)) {
    const reportError = (error: Error): void => {
      process.exitCode = 1
      process.stderr.write(`error: stdout cannot be written: ${error.message}\n`)
    }
    createOutput(process.stdout, reportError).write(`${readVersion()}\n`)
    return
  }
  const { processContext, runCommandLine } = await import('./start.js')
  process.exitCode = await runCommandLine(processContext(args))
}

/** After this time the first request has left on most machines. Until then only the modules that it needs are loaded. */
const firstRequestMs = 100

setTimeout(() => void compileLess(), firstRequestMs).unref()
void main(process.argv.slice(2))
