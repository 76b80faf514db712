import type { Mention } from './manifest.js'
import { manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'
import { mentionsOfRequirement, pythonName, pythonPackage } from './requirement.js'
import { readToml, textAt } from './toml.js'
import type { TomlLeaf } from './toml.js'

/** Paths of lists of requirements; `*` is the name of a group or an index. */
const lists = [
  'project.dependencies.*',
  'project.optional-dependencies.*.*',
  'dependency-groups.*.*',
  'build-system.requires.*',
  'tool.pdm.dev-dependencies.*.*',
].map((path) => path.split('.'))

/** Paths of tables whose keys are packages. */
const tables = [
  'tool.poetry.dependencies',
  'tool.poetry.dev-dependencies',
  'tool.poetry.group.*.dependencies',
  'tool.uv.sources',
].map((path) => path.split('.'))

/** pyproject.toml: the project, and its dependencies in the standard form and in those of Poetry, PDM and uv. */
export const readPyproject: ManifestReader = (text) => {
  const toml = readToml(text)
  if (!toml.ok) return notReadable(toml.problem)
  const name = textAt(toml.leaves, 'project', 'name') ?? textAt(toml.leaves, 'tool', 'poetry', 'name')
  const packages = name === null ? [] : [{ ecosystem: 'pypi' as const, name: pythonName(name) }]
  return manifestOf({ packages, mentions: toml.leaves.flatMap(mentionsOf) })
}

function mentionsOf({ path, text, line }: TomlLeaf): Mention[] {
  if (lists.some((list) => list.length === path.length && startsWith(path, list))) {
    return text === null ? [] : mentionsOfRequirement(text, line)
  }
  const table = tables.find((each) => path.length > each.length && startsWith(path, each))
  if (!table) return []
  const address = path.at(-1) === 'git' && text !== null ? readRepositoryAddress(text) : null
  return [
    pythonPackage(path[table.length] ?? '', line),
    ...(address ? [{ kind: 'repository', ...address, text: text ?? '', line } as const] : []),
  ]
}

function startsWith(path: readonly string[], pattern: readonly string[]): boolean {
  return pattern.every((part, at) => part === '*' || part === path[at])
}
