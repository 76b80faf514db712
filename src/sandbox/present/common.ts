/** A time as the REST API gives it: UTC, whole seconds. */
export function timestamp(time: number): string
export function timestamp(time: number | null): string | null
export function timestamp(time: number | null): string | null {
  return time === null ? null : `${new Date(time).toISOString().slice(0, 19)}Z`
}

/** A global id in the form of GitHub's older ones: base64 of a type and a number. */
export function nodeId(type: string, id: number | string): string {
  return Buffer.from(`0${type.length}:${type}${id}`).toString('base64')
}

/** A branch or path within an address: each part encoded, slashes kept. */
export function inPath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
