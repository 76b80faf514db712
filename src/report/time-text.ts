/** A duration (ms) as text: `12s`, `1m 05s`, `2h 03m`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`
}

/** The time of day (ms since the epoch), UTC, rounded up to a second: `01:02:03`. */
export function formatTimeOfDay(at: number): string {
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(11, 19)
}

/** A point in time (ms since the epoch) in ISO 8601, UTC, in seconds: `2026-11-21T01:02:03Z`. */
export function formatMoment(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/u, 'Z')
}

/** How long ago `at` was (both ms, UTC), in its largest unit: `12s ago`, `5m ago`, `3h ago`, `12d ago`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h ago`
  return `${Math.floor(seconds / (24 * 3600))}d ago`
}
