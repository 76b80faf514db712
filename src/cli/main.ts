import { createOutput } from '../report/output.js'
import { readVersion } from './version.js'

/** Commander would stop at this word too, whatever follows. Loading it would take longer than the answer. */
function isVersionAsked([word]: readonly string[]): boolean {
  return word === '--version' || word === '-V'
}

async function main(words: readonly string[]): Promise<void> {
  if (isVersionAsked(words)) {
    const report = (error: Error): unknown =>
      process.stderr.write(`error: stdout cannot be written: ${error.message}\n`)
    createOutput(process.stdout, report).write(`${readVersion()}\n`)
    return
  }
  const { processContext, runCommandLine } = await import('./start.js')
  process.exitCode = await runCommandLine(processContext(words))
}

/** By then the first request has been sent. Until then only the code that it needs is loaded. */
const afterFirstRequestMs = 100

setTimeout(
  () => void import('./process/compiler.js').then(({ compileLess }) => compileLess()),
  afterFirstRequestMs,
).unref()
void main(process.argv.slice(2))
