const share = 0.2

/**
 * A delay, 20 % more or less, so that many do not ask at the same time. The jitter comes from the seed, not from chance: the same question
 * waits the same way.
 * @param count how often the question was asked
 * @param seed names the question
 */
export function jittered(delayMs: number, count: number, seed: string): number {
  return Math.round(delayMs * (1 - share + 2 * share * fractionOf(count, seed)))
}

/** A number in [0, 1) that depends on the seed and the count alone. Every poll asks for one, so the hash is a fast one. */
export function fractionOf(count: number, seed: string): number {
  return mixed(fnv1a(`${seed}:${count}`)) / 2 ** 32
}

/** The 32-bit hash FNV-1a. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}

/** Spreads the last characters of a text over all bits, as MurmurHash3 does at its end: the counts of a seed differ only there. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
