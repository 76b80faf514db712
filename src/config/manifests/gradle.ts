import type { Mention } from './manifest.js'
import { createLineIndex, manifestOf } from './manifest.js'
import type { ManifestReader } from './manifest.js'

/**
 * What has no end extends to the end of its line, or of the file: otherwise the search for the end would begin again at each character.
 */
const commentOrText =
  /\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*$)|"(?:[^"\\\n]|\\[^\n]?)*(?:"|(?=\n)|$)|'(?:[^'\\\n]|\\[^\n]?)*(?:'|(?=\n)|$)/gu
/** `group:name`, usually with a version. */
const notation = /^(?<name>[\w.-]+:[\w.-]+)(?::[^/]*)?$/u
const mapNotation =
  /\bgroup\s*[:=]\s*(?<g>['"])(?<group>[\w.-]+)\k<g>\s*,\s*name\s*[:=]\s*(?<n>['"])(?<artifact>[\w.-]+)\k<n>/gu
const ownGroup = /^[ \t]*group\s*=?\s*(?<g>['"])(?<group>[\w.-]+)\k<g>/mu
const rootName = /\brootProject\.name\s*=\s*(?<n>['"])(?<name>[\w.-]+)\k<n>/u
const includedBuild = /\bincludeBuild\s*\(?\s*(?<n>['"])\.\.\/(?<name>[\w.-]+)\/?\k<n>/gu

/**
 * build.gradle and build.gradle.kts are programs, so that only what they write out is found: dependencies in both notations, and the group of
 * the project, whose name is in settings.gradle.
 */
export const readGradleBuild: ManifestReader = (text, sibling) => {
  const code = withoutComments(text)
  const lineAt = createLineIndex(text)
  const settings = withoutComments(sibling('settings.gradle') ?? sibling('settings.gradle.kts') ?? '')
  const group = ownGroup.exec(code)?.groups?.['group']
  const name = rootName.exec(settings)?.groups?.['name']
  const mention = (artifact: string, offset: number): Mention => {
    return { kind: 'package', ecosystem: 'maven', name: artifact, text: artifact, line: lineAt(offset) }
  }
  const short = [...code.matchAll(commentOrText)].flatMap((found) => {
    const artifact = notation.exec(found[0].slice(1, -1))?.groups?.['name']
    return artifact === undefined ? [] : [mention(artifact, found.index)]
  })
  const long = [...code.matchAll(mapNotation)].map(({ index, groups = {} }) =>
    mention(`${groups['group']}:${groups['artifact']}`, index),
  )
  const packages =
    group === undefined || name === undefined ? [] : [{ ecosystem: 'maven' as const, name: `${group}:${name}` }]
  return manifestOf({ packages, mentions: [...short, ...long] })
}

/** settings.gradle and settings.gradle.kts: builds beside this one that are included. */
export const readGradleSettings: ManifestReader = (text) => {
  const code = withoutComments(text)
  const lineAt = createLineIndex(text)
  const mentions = [...code.matchAll(includedBuild)].map(({ index, groups = {} }): Mention => {
    const name = groups['name'] ?? ''
    return { kind: 'repository', owner: null, name, text: `../${name}`, line: lineAt(index) }
  })
  return manifestOf({ mentions })
}

/** The same text with spaces in the place of comments, so that offsets stay right. */
function withoutComments(text: string): string {
  return text.replaceAll(commentOrText, (found) => (found.startsWith('/') ? found.replaceAll(/[^\n]/gu, ' ') : found))
}
