import { parseXml, XmlElement, XmlError } from '@rgrove/parse-xml'
import type { XmlDocument } from '@rgrove/parse-xml'
import type { Mention } from './manifest.js'
import { createLineIndex, manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'

/** The elements that name an artifact by `groupId` and `artifactId`. */
const naming: ReadonlySet<string> = new Set(['dependency', 'parent', 'plugin', 'extension'])

/** pom.xml: the artifact of the project, its parent, dependencies, plugins and extensions. */
export const readPom: ManifestReader = (text) => {
  const document = parse(text)
  if (typeof document === 'string') return notReadable(document)
  const project = document.root
  if (project?.name !== 'project') return notReadable('its root is not <project>')
  const lineAt = createLineIndex(text)
  const parent = child(project, 'parent')
  const values = propertiesOf(project, parent)
  const artifact = artifactOf(project, values) ?? artifactOf(parent, values, textOf(project, 'artifactId'))
  const mentions = elementsOf(project)
    .filter(({ name }) => naming.has(name))
    .flatMap((element): Mention[] => {
      const name = artifactOf(element, values)
      const place = child(element, 'artifactId') ?? element
      return name === null ? [] : [{ kind: 'package', ecosystem: 'maven', name, text: name, line: lineAt(place.start) }]
    })
  return manifestOf({ packages: artifact === null ? [] : [{ ecosystem: 'maven', name: artifact }], mentions })
}

/** The document, or why it is not one. */
function parse(text: string): XmlDocument | string {
  try {
    return parseXml(text, { includeOffsets: true })
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    // The rest of the message shows the lines of the file.
    return `line ${error.line}, column ${error.column}: ${error.message.split('\n')[0] ?? 'it is not XML'}`
  }
}

/** `group:artifact`; null: one of the two is missing. */
function artifactOf(
  element: XmlElement | undefined,
  values: ReadonlyMap<string, string>,
  artifact = textOf(element, 'artifactId'),
): string | null {
  const parts = [textOf(element, 'groupId'), artifact].map((part) => resolve(part, values))
  return parts.includes('') ? null : parts.join(':')
}

/** What `${…}` stands for: the properties of the file, and the coordinates of its project. */
function propertiesOf(project: XmlElement, parent: XmlElement | undefined): Map<string, string> {
  const own = (child(project, 'properties')?.children ?? []).filter((node) => node instanceof XmlElement)
  const group = textOf(project, 'groupId') || textOf(parent, 'groupId')
  return new Map([
    ...own.map((element) => [element.name, element.text.trim()] as const),
    ...['project.groupId', 'pom.groupId', 'groupId'].map((name) => [name, group] as const),
    ['project.parent.groupId', textOf(parent, 'groupId')],
    ['project.artifactId', textOf(project, 'artifactId')],
  ])
}

function resolve(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{(?<name>[^}]+)\}/gu, (written, name: string) => values.get(name.trim()) ?? written)
}

function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((node) => node instanceof XmlElement && node.name === name) as XmlElement | undefined
}

function textOf(element: XmlElement | undefined, name: string): string {
  return child(element, name)?.text.trim() ?? ''
}

/** All elements below this one. */
function elementsOf(root: XmlElement): XmlElement[] {
  const found = [root]
  // The list grows while it is read.
  for (const element of found) {
    for (const node of element.children) if (node instanceof XmlElement) found.push(node)
  }
  return found.slice(1)
}
