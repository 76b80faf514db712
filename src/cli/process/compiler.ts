import { setFlagsFromString } from 'node:v8'

/**
 * Makes V8 optimize only code that runs very often. A command uses seconds of CPU time; on Node 20 a third of it goes into optimizing code
 * that hardly runs any more, with the memory for it (docs/decisions/0021-compile-less.md). Later versions of Node wait longer by themselves
 * and do not have this flag: V8 would report it on stderr.
 */
export function compileLess(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')
}
