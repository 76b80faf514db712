/** Formats a time as the REST API does: UTC, whole seconds. */
export function timestamp(time: number): string
export function timestamp(time: number | null): string | null
export function timestamp(time: number | null): string | null {
  return time === null ? null : `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** Returns a global ID in GitHub's older form: base64 of a type and a number. */
export function nodeId(type: string, id: number | string): string {
  return Buffer.from(`0${type.length}:${type}${id}`).toString('base64')
}

/** Encodes a branch or path for a URL: each segment is encoded and slashes are kept. */
export function inPath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
