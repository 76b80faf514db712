const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * An id of 16 lower-case characters that sorts by time: ten for the millisecond, six random.
 * @param now ms since the epoch, UTC
 * @param random numbers in [0, 1)
 */
export function createId(now: number, random: () => number): string {
  let time = ''
  for (let rest = now, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32)) {
    time = alphabet.charAt(rest % 32) + time
  }
  const suffix = Array.from({ length: 6 }, () => alphabet.charAt(Math.floor(random() * 32)))
  return time + suffix.join('')
}
