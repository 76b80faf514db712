import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Requests } from '../api/requests.js'
import { readMatchingBranches } from './refs.js'

/** Whether a name differs from the branch only in case. */
export function isCaseVariantOf(branch: string): (name: string) => boolean {
  const lower = branch.toLowerCase()
  return (name) => name !== branch && name.toLowerCase() === lower
}

/** The longest part of a branch name without letters, which every variant of the name has; null: there is none. */
export function caselessPart(branch: string): string | null {
  const parts = branch.split(/\p{L}+/u).filter((part) => part !== '')
  return parts.reduce<string | null>((longest, part) => (part.length > (longest?.length ?? 0) ? part : longest), null)
}

/** The branches whose name differs from this one only in case: two requests, one if the name begins without a letter. */
export async function readCaseVariants(requests: Requests, repo: RepoName, branch: string): Promise<Read<string[]>> {
  const caseless = /^\P{L}*/u.exec(branch)?.[0] ?? ''
  const first = String.fromCodePoint(branch.codePointAt(0) ?? 0)
  const prefixes = caseless === '' ? new Set([first.toLowerCase(), first.toUpperCase()]) : [caseless]
  const lists = await Promise.all([...prefixes].map((prefix) => readMatchingBranches(requests, repo, prefix)))
  const names = new Set<string>()
  for (const list of lists) {
    if (!list.ok) return list
    for (const name of list.value) names.add(name)
  }
  return { ok: true, value: [...names].filter(isCaseVariantOf(branch)) }
}
