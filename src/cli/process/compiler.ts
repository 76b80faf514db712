import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 compile to its fastest code only what runs very often. A command lives for seconds of its own time; on Node 20 a third of that goes into
 * optimizing what hardly runs any more, and the compiler's memory with it (docs/decisions/0021-compile-less.md). Later versions of Node wait longer by
 * themselves, and have no such flag: V8 would say so on stderr.
 */
export function compileLess(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')
}
