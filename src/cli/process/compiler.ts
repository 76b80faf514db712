/**
 * Makes V8 optimize only what runs very often. A command uses a few seconds of CPU time. On Node 20 a third of that went into
 * optimizing functions that hardly ran afterwards, and the compiler took memory for it (docs/decisions/0021-compile-less.md).
 * Newer versions of V8 wait longer by themselves and reject the flag with a message on stderr.
 */
export async function compileLess(): Promise<void> {
  if (!process.versions.v8.startsWith('11.')) return
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--interrupt-budget=1000000')
}
