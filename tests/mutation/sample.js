import { createHash } from 'node:crypto'

/** Whether a mutant belongs to a sample of `percent` of all mutants. The numbers that Stryker gives the mutants of the same files are the same. */
export function isInSample({ id }, percent) {
  const number = createHash('sha256').update(id).digest().readUInt32BE()
  return number < (percent / 100) * 2 ** 32
}
