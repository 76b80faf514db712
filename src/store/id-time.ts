/** The digits of an id's first ten characters (src/model/build/orchestration-id.ts). */
const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The start time of the orchestration with this ID, ms, UTC; null: orch did not create this ID. */
export function startOfId(id: string): number | null {
  if (!/^[0-9a-hjkmnp-tv-z]{16}$/u.test(id)) return null
  let time = 0
  for (const digit of id.slice(0, 10)) time = time * 32 + digits.indexOf(digit)
  return time
}
