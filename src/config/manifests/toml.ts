import { ParseError, parseTOML } from 'toml-eslint-parser'
import type { AST } from 'toml-eslint-parser'

/** A value of a TOML file that is not a table or an array. */
export interface TomlLeaf {
  /** The keys from the root; a number stands for an element of an array. */
  path: readonly string[]
  /** Null: the value is not text. */
  text: string | null
  /** From 1. */
  line: number
}

/** All leaves of a TOML text, in the order of the file; or why it is not TOML. */
export function readToml(text: string): { ok: true; leaves: TomlLeaf[] } | { ok: false; problem: string } {
  try {
    const [root] = parseTOML(text).body
    return { ok: true, leaves: root.body.flatMap((node) => leavesOfTable(node)) }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return { ok: false, problem: `line ${error.lineNumber}, column ${error.column + 1}: ${error.message}` }
  }
}

function leavesOfTable(node: AST.TOMLKeyValue | AST.TOMLTable): TomlLeaf[] {
  if (node.type === 'TOMLKeyValue') return leavesOfEntry(node, [])
  const path = node.resolvedKey.map(String)
  return node.body.flatMap((entry) => leavesOfEntry(entry, path))
}

function leavesOfEntry({ key, value }: AST.TOMLKeyValue, table: readonly string[]): TomlLeaf[] {
  const names = key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))
  return leavesOf(value, [...table, ...names], key.loc.start.line)
}

function leavesOf(value: AST.TOMLContentNode, path: readonly string[], line: number): TomlLeaf[] {
  switch (value.type) {
    case 'TOMLValue':
      return [{ path, text: value.kind === 'string' ? value.value : null, line }]
    case 'TOMLArray':
      return value.elements.flatMap((element, index) =>
        leavesOf(element, [...path, String(index)], element.loc.start.line),
      )
    case 'TOMLInlineTable':
      return value.body.flatMap((entry) => leavesOfEntry(entry, path))
  }
}

/** The text at a path. */
export function textAt(leaves: readonly TomlLeaf[], ...path: readonly string[]): string | null {
  const found = leaves.find(
    (leaf) => leaf.path.length === path.length && path.every((key, at) => leaf.path[at] === key),
  )
  return found?.text ?? null
}
