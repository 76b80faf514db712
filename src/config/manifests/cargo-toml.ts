import type { Mention } from './manifest.js'
import { manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'
import { readToml, textAt } from './toml.js'
import type { TomlLeaf } from './toml.js'

const tables = ['dependencies', 'dev-dependencies', 'build-dependencies']

/** Cargo.toml: the package, and all kinds of dependencies, also those of a workspace and of a target. */
export const readCargoToml: ManifestReader = (text) => {
  const toml = readToml(text)
  if (!toml.ok) return notReadable(toml.problem)
  const name = textAt(toml.leaves, 'package', 'name')
  const mentions = toml.leaves.flatMap((leaf) => mentionsOf(leaf, toml.leaves))
  return manifestOf({ packages: name === null ? [] : [{ ecosystem: 'cargo', name }], mentions })
}

function mentionsOf({ path, text, line }: TomlLeaf, leaves: readonly TomlLeaf[]): Mention[] {
  const at = tableOf(path)
  const key = at === null ? undefined : path[at + 1]
  if (at === null || key === undefined) return []
  // A dependency can be renamed: `money = { package = "acme-money" }`.
  const name = textAt(leaves, ...path.slice(0, at + 2), 'package') ?? key
  const address = path[at + 2] === 'git' && text !== null ? readRepositoryAddress(text) : null
  return [
    { kind: 'package', ecosystem: 'cargo', name, text: name, line },
    ...(address ? [{ kind: 'repository', ...address, text: text ?? '', line } as const] : []),
  ]
}

/** The index of the key of a table of dependencies; null: the path is in none. */
function tableOf([first = '', second = '', third = '']: readonly string[]): number | null {
  if (tables.includes(first)) return 0
  if (first === 'workspace' && second === 'dependencies') return 1
  return first === 'target' && tables.includes(third) ? 2 : null
}
