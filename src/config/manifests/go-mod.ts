import type { Mention } from './manifest.js'
import { manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'

const blockStart = /^(?<verb>require|replace)\s*\($/u
const directive = /^(?<verb>module|require|replace)\s+(?<rest>\S.*)$/u

/** go.mod: the module, what it requires, and what replaces it. */
export const readGoMod: ManifestReader = (text) => {
  let own: string | null = null
  let block: string | null = null
  const mentions: Mention[] = []
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.replace(/(?:^|\s)\/\/.*$/u, '').trim()
    const opened = blockStart.exec(line)?.groups?.['verb']
    if (opened !== undefined) block = opened
    else if (line === ')') block = null
    else {
      const { verb, rest } = block === null ? (directive.exec(line)?.groups ?? {}) : { verb: block, rest: line }
      if (verb === 'module') own = unquoted(rest)
      else if (verb !== undefined) mentions.push(...mentionsOf(rest ?? '', index + 1))
    }
  }
  if (own === null) return notReadable('it names no module')
  return manifestOf({ packages: [{ ecosystem: 'go', name: own }], mentions })
}

/** `path v1.0.0`, or `path => replacement`. */
function mentionsOf(rest: string, line: number): Mention[] {
  return rest
    .split('=>')
    .map(unquoted)
    .filter((path) => path !== '')
    .flatMap((path): Mention[] => {
      const place = { text: path, line }
      const beside = readRepositoryAddress(path)
      if (beside) return [{ ...place, kind: 'repository', ...beside }]
      const [host = '', owner, name] = path.split('/')
      const inRepository = host.includes('.') && owner !== undefined && name !== undefined
      return [
        { ...place, kind: 'package', ecosystem: 'go', name: path },
        ...(inRepository ? [{ ...place, kind: 'repository', owner, name } as const] : []),
      ]
    })
}

/** The first word, without quotes. */
function unquoted(text: string | undefined): string {
  return (text?.trim().split(/\s+/u)[0] ?? '').replaceAll(/^["`]|["`]$/gu, '')
}
