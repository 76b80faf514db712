// Loaded before bin/orch.js (node --import): runs the real command with a faster clock. ORCH_CHAOS_CLOCK is
// `<scale> <real ms of the start> <scaled ms of the start> <seed>`, and only this file reads it.
const [scale, realStart, scaledStart, seed] = (process.env.ORCH_CHAOS_CLOCK ?? '').split(' ').map(Number)
if (![scale, realStart, scaledStart, seed].every(Number.isFinite)) throw new Error('ORCH_CHAOS_CLOCK is not set')

const realNow = Date.now
const realSetTimeout = globalThis.setTimeout
let state = seed >>> 0

Date.now = () => Math.round(scaledStart + (realNow() - realStart) * scale)
// The command sleeps with the global function only (src/cli/process/process-context.ts).
globalThis.setTimeout = (callback, ms, ...values) => realSetTimeout(callback, ms / scale, ...values)

// mulberry32, as tests/support/random.ts
Math.random = () => {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
