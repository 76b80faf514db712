/** Names that always reach this machine only. */
const localNames = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Decides whether a Host header names this service. Another site could let its own name point to this machine, and its pages would then
 * count as ours to the browser (DNS rebinding).
 */
export interface AllowedHosts {
  isAllowed(host: string): boolean
  /** For a reader. */
  readonly names: readonly string[]
}

/** `host`: where the service listens. `publicUrl`: the address that people open; null: none is configured. */
export function createAllowedHosts(options: { host: string; publicUrl: string | null }): AllowedHosts {
  const { host, publicUrl } = options
  const listening = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const named = [listening, ...(publicUrl === null ? [] : [new URL(publicUrl).host])]
    .map(hostnameOf)
    .filter((name) => name !== null)
    .filter((name) => name !== '0.0.0.0' && name !== '[::]')
  const names = [...new Set([...localNames, ...named])]
  return {
    names,
    isAllowed: (header) => {
      const name = hostnameOf(header)
      return name !== null && names.includes(name)
    },
  }
}

/** The host name of `name:port`, as an address has it; null: it is not one. */
function hostnameOf(header: string): string | null {
  const isPlain = /^[\w.:[\]-]+$/u.test(header) && URL.canParse(`http://${header}`)
  return isPlain ? new URL(`http://${header}`).hostname : null
}
