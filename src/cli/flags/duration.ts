const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000 }

/** Milliseconds of `6h`, `90m`, `1h30m`, `45s`, or of a plain number of minutes; null: it is not a duration, or it is zero. */
export function parseDuration(text: string): number | null {
  if (/^\d{1,7}(\.\d+)?$/u.test(text)) return positive(Number(text) * 60_000)
  if (!/^(\d{1,7}h)?(\d{1,7}m)?(\d{1,7}s)?$/u.test(text)) return null
  let ms = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)([hms])/gu)) ms += Number(amount) * (units[unit] ?? 0)
  return positive(ms)
}

function positive(ms: number): number | null {
  return ms > 0 ? ms : null
}
