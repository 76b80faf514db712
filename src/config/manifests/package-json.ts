import { parseTree } from 'jsonc-parser'
import type { Node } from 'jsonc-parser'
import { parseJson } from '../../lib/parse-json.js'
import type { Mention } from './manifest.js'
import { createLineIndex, manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'

const groups = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

/** package.json: its name, and all kinds of dependencies. */
export const readPackageJson: ManifestReader = (text) => {
  const parsed = parseJson(text)
  if (!parsed.ok) return notReadable(parsed.problem)
  const root = parseTree(text)
  if (root?.type !== 'object') return notReadable('it is not a JSON object')
  const lineAt = createLineIndex(text)
  const named: unknown = find(root, 'name')?.value
  const mentions = groups.flatMap((group) =>
    propertiesOf(find(root, group)).flatMap(({ key, value }) => mentionsOf(key, value, lineAt)),
  )
  return manifestOf({ packages: typeof named === 'string' ? [{ ecosystem: 'npm', name: named }] : [], mentions })
}

/** The package, and the repository if the version is its address. An alias (`npm:name@1`) names another package. */
function mentionsOf(key: Node, value: Node, lineAt: (offset: number) => number): Mention[] {
  const written = String(key.value)
  const version = typeof value.value === 'string' ? value.value : ''
  const alias = /^npm:(?<name>@?[^@]+)/u.exec(version)?.groups?.['name']
  const name = alias ?? written
  const place = { text: name, line: lineAt(key.offset) }
  const address = readRepositoryAddress(version) ?? shorthand(version)
  return [
    { ...place, kind: 'package', ecosystem: 'npm', name },
    ...(address ? [{ ...place, text: version, kind: 'repository', ...address } as const] : []),
  ]
}

/** `owner/name#branch` */
function shorthand(version: string): { owner: string; name: string } | null {
  const found = /^(?<owner>[\w-]+)\/(?<name>[\w.-]+)(?:#.*)?$/u.exec(version)?.groups
  return found ? { owner: found['owner'] ?? '', name: found['name'] ?? '' } : null
}

function find(node: Node, key: string): Node | undefined {
  return propertiesOf(node).find((property) => property.key.value === key)?.value
}

function propertiesOf(node: Node | undefined): { key: Node; value: Node }[] {
  if (node?.type !== 'object') return []
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => (key && value ? [{ key, value }] : []))
}
