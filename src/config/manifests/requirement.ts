import type { Mention } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'

const requirement = /^(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(?:@\s*(?<address>\S+))?/u

/** Names that differ only in case and in `-`, `_` and `.` are the same for pip (PEP 503). */
export function pythonName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/gu, '-')
}

/** A package, as a mention of a package index. */
export function pythonPackage(name: string, line: number): Mention {
  return { kind: 'package', ecosystem: 'pypi', name: pythonName(name), text: name, line }
}

/** What a requirement such as `acme-money[csv] >= 2` or `money @ git+https://…` names (PEP 508). */
export function mentionsOfRequirement(text: string, line: number): Mention[] {
  const found = requirement.exec(text.trim())?.groups
  if (!found) return []
  const address = readRepositoryAddress(found['address'] ?? '')
  return [
    pythonPackage(found['name'] ?? '', line),
    ...(address ? [{ kind: 'repository', ...address, text: found['address'] ?? '', line } as const] : []),
  ]
}
