export interface RepositoryAddress {
  /** Null: the address is relative to that of the repository that names it. */
  owner: string | null
  name: string
}

const withScheme = /^(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/\s]*@)?[^/\s]+\/(?<owner>[^/\s]+)\/(?<name>[^/#?@\s]+)/u
/** `git@github.com:owner/name.git` */
const likeScp = /^(?:git\+ssh:\/\/)?[\w.-]+@[\w.-]+:(?<owner>[^/\s:]+)\/(?<name>[^/#?@\s]+)/u
const relative = /^\.\.\/(?:\.\.\/(?<owner>[^/\s.]+)\/)?(?<name>[^/#?@\s]+)\/?$/u
const hosted = /^github:(?<owner>[^/\s]+)\/(?<name>[^/#?@\s]+)/u

/** The repository that the address of a clone or of one of its files names; null: it names none. The host is not considered. */
export function readRepositoryAddress(address: string): RepositoryAddress | null {
  const text = address.trim()
  const found = withScheme.exec(text) ?? likeScp.exec(text) ?? relative.exec(text) ?? hosted.exec(text)
  const name = found?.groups?.['name']?.replace(/\.git$/u, '')
  return name === undefined || name === '' || name === '..' ? null : { owner: found?.groups?.['owner'] ?? null, name }
}
