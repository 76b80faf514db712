import { Composer, isAlias, isCollection, isMap, isScalar, Parser } from 'yaml'
import type { Document, ParsedNode, YAMLError, YAMLMap } from 'yaml'
import type { Place, Problems } from './problems.js'
import { isWithinLimits } from './text-limits.js'
import { quote } from './value.js'
import type { Entry, Value } from './value.js'
import { yamlHint } from './yaml-hint.js'

const maxAliasedValues = 100_000
const maxDepth = 200

/** Text without the byte order mark that some editors add; places are offsets into the result. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/**
 * The only document of a YAML 1.2 text; null: `problems` has the reason. The first of duplicate keys counts, so that all problems are
 * found. An empty text is a value of kind `null`.
 * Refuses what YAML allows but a graph file never needs: several documents, tags, keys that are not scalars, an alias inside the value
 * of its own anchor, and aliases that expand to more than 100,000 values together.
 */
export function readYaml(text: string, problems: Problems): Value | null {
  if (!isWithinLimits(text, problems)) return null
  const document = composeOne(text, problems)
  if (!document || problems.hasErrors) return null
  if (!document.contents) return { kind: 'null', start: 0, end: text.length }
  const conversion = new Conversion(text, problems)
  const { value } = conversion.convert(document.contents, 0)
  return conversion.isComplete ? value : null
}

function composeOne(text: string, problems: Problems): Document<ParsedNode> | undefined {
  // Uniqueness of keys is checked here, in linear time: the composer compares each key with each.
  const options = { prettyErrors: false, uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' } as const
  const documents = new Composer(options).compose(new Parser().parse(text), true, text.length)
  const [first, second]: (Document.Parsed | undefined)[] = [documents.next().value, documents.next().value].map(
    (document) => document ?? undefined,
  )
  reportBroken(text, [...(first?.errors ?? []), ...(first?.warnings ?? [])], problems)
  if (first && second && !problems.hasErrors) {
    const [start] = second.range
    const hint = 'keep one, without "---" or "..." after it'
    problems.error({ start, end: start + 3 }, 'the file contains several documents', hint)
  }
  return first
}

/** Reports at most ten errors of the parser, one per line: one mistake causes many errors, and the first is at its place. */
function reportBroken(text: string, broken: readonly YAMLError[], problems: Problems): void {
  const exhausted = broken.find((error) => error.code === 'RESOURCE_EXHAUSTION')
  const sorted = exhausted ? [exhausted] : [...broken].sort((a, b) => a.pos[0] - b.pos[0])
  let reported = 0
  let lineEnd = -1
  for (const { code, message, pos } of sorted) {
    const [start, end] = pos
    if (start < lineEnd) continue
    if ((reported += 1) > 10) return
    lineEnd = text.indexOf('\n', start)
    if (lineEnd < 0) lineEnd = Number.POSITIVE_INFINITY
    const what = exhausted ? 'the file is nested too deeply' : yamlMessage(message)
    problems.error({ start, end }, what, yamlHint(code, text.slice(start, end)))
  }
}

function yamlMessage(message: string): string {
  return `not valid YAML: ${message.replace(/\.$/u, '')}`
}

/** A converted value, and the number of values it contains with every alias expanded. */
interface Converted {
  value: Value
  size: number
}

class Conversion {
  readonly #text: string
  readonly #problems: Problems
  /** The current value of each anchor; `open`: it is still being converted. YAML allows an anchor to be set again. */
  readonly #anchors = new Map<string, Converted | 'open'>()
  #aliased = 0
  /** False: a value could not be converted and was replaced by `null`. */
  isComplete = true

  constructor(text: string, problems: Problems) {
    this.#text = text
    this.#problems = problems
  }

  convert(node: ParsedNode, depth: number): Converted {
    const place = { start: node.range[0], end: node.range[1] }
    if (depth > maxDepth) {
      return this.#refuse(place, 'the file is nested too deeply', `at most ${maxDepth} levels are allowed`)
    }
    if (isAlias(node)) return this.#convertAlias(node.source, place)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, 'open')
    const converted = isCollection(node)
      ? this.#convertCollection(node, place, depth)
      : this.#convertScalar(node, place)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted)
    return converted
  }

  #convertAlias(name: string, place: Place): Converted {
    const target = this.#anchors.get(name)
    if (target === undefined) {
      const hint = 'quote a text that starts with an asterisk; define an anchor (&name) before its alias'
      return this.#refuse(place, `unknown alias *${name}`, hint)
    }
    if (target === 'open') {
      return this.#refuse(place, `the alias *${name} is inside the value of its own anchor`, 'write the value out')
    }
    const wasWithin = this.#aliased <= maxAliasedValues
    this.#aliased += target.size
    if (this.#aliased <= maxAliasedValues) return target
    const nothing: Converted = { value: { ...place, kind: 'null' }, size: 1 }
    if (!wasWithin) return nothing
    const limit = maxAliasedValues.toLocaleString('en')
    return this.#refuse(place, `the aliases so far expand to more than ${limit} values`, 'write the values out')
  }

  #refuse(place: Place, message: string, hint: string): Converted {
    this.isComplete = false
    this.#problems.error(place, message, hint)
    return { value: { ...place, kind: 'null' }, size: 1 }
  }

  #convertCollection(node: Extract<ParsedNode, { items: unknown }>, place: Place, depth: number): Converted {
    if (isMap(node)) return this.#convertMap(node, place, depth)
    const items = node.items.map((item) => this.convert(item, depth + 1))
    const value: Value = { ...place, kind: 'list', items: items.map((item) => item.value) }
    return { value, size: items.reduce((sum, item) => sum + item.size, 1) }
  }

  #convertMap(node: YAMLMap.Parsed, place: Place, depth: number): Converted {
    const entries = new Map<string, Entry>()
    let size = 1
    for (const { key, value } of node.items) {
      const converted = value ? this.convert(value, depth + 1) : null
      size += converted?.size ?? 1
      const keyPlace = { start: key.range[0], end: key.range[1] }
      if (!isScalar(key)) {
        this.#problems.error(
          keyPlace,
          'this key is not plain text',
          'quote a pattern or text that starts with [, { or *',
        )
        continue
      }
      const name = typeof key.value === 'string' ? key.value : this.#text.slice(keyPlace.start, keyPlace.end)
      const twin = entries.get(name)
      if (twin) this.#problems.error(keyPlace, `duplicate key ${quote(name)}`, this.#twinHint(twin))
      else entries.set(name, { key: name, place: keyPlace, value: converted?.value ?? { ...keyPlace, kind: 'null' } })
    }
    return { value: { ...place, kind: 'map', entries: [...entries.values()] }, size }
  }

  #twinHint(twin: Entry): () => string {
    return () => `it is already in line ${this.#text.slice(0, twin.place.start).split('\n').length}`
  }

  #convertScalar(node: Extract<ParsedNode, { value: unknown }>, place: Place): Converted {
    const raw = this.#text.slice(place.start, place.end)
    const { value } = node
    if (typeof value === 'string') return { value: { ...place, kind: 'text', text: value, raw }, size: 1 }
    if (typeof value === 'number') return { value: { ...place, kind: 'number', number: value, raw }, size: 1 }
    if (typeof value === 'boolean') return { value: { ...place, kind: 'boolean', boolean: value }, size: 1 }
    return { value: { ...place, kind: 'null' }, size: 1 }
  }
}
