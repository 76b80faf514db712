import { createOutput } from '../report/output.js'
import { readVersion } from './version.js'

/** Commander would stop at this word too, whatever follows; it is not worth being loaded for it. */
function isVersionAsked([word]: readonly string[]): boolean {
  return word === '--version' || word === '-V'
}

async function main(words: readonly string[]): Promise<void> {
  if (isVersionAsked(words)) {
    const tell = (error: Error): unknown => process.stderr.write(`error: stdout cannot be written: ${error.message}\n`)
    createOutput(process.stdout, tell).write(`${readVersion()}\n`)
    return
  }
  const { processContext, runCommandLine } = await import('./start.js')
  process.exitCode = await runCommandLine(processContext(words))
}

/** When the first request has left, ms: until then nothing is loaded that is not needed for it. */
const requestLeft = 100

setTimeout(() => void import('./process/compiler.js').then(({ compileLess }) => compileLess()), requestLeft).unref()
void main(process.argv.slice(2))
