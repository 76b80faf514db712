// The entry of actions/dispatch/trigger: inputs -> app -> outputs.
import { systemClock } from '../lib/system-clock.js'
import { createMessages } from '../cli/output/messages.js'
import type { Terminal } from '../cli/output/messages.js'
import { triggerEvent } from './trigger-event.js'

const screen = (stream: NodeJS.WriteStream): Terminal['stdout'] => ({
  stream,
  isTTY: false,
  size: () => ({ columns: 200, rows: 24 }),
})
const terminal: Terminal = { env: process.env, stdout: screen(process.stdout), stderr: screen(process.stderr) }
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort(signal)))

const messages = createMessages(terminal)
process.exitCode = await triggerEvent({
  env: process.env,
  clock: systemClock,
  random: Math.random,
  messages,
  signal: interrupted.signal,
})
await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
