import type { Mention } from './manifest.js'
import { manifestOf } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'
import { mentionsOfRequirement } from './requirement.js'

const editable = /^(?:-e|--editable)[\s=]+/u

/** requirements*.txt of pip. Other files that it includes (`-r`) are read by themselves. */
export const readRequirements: ManifestReader = (text) => {
  const mentions: Mention[] = []
  let start = 1
  let joined = ''
  for (const [index, line] of text.split('\n').entries()) {
    if (joined === '') start = index + 1
    if (line.endsWith('\\')) {
      joined += `${line.slice(0, -1)} `
      continue
    }
    mentions.push(...mentionsIn(joined + line, start))
    joined = ''
  }
  return manifestOf({ mentions: [...mentions, ...mentionsIn(joined, start)] })
}

function mentionsIn(written: string, line: number): Mention[] {
  const text = written
    .replace(/(?:^|\s)#.*$/u, '')
    .trim()
    .replace(editable, '')
  if (text === '' || text.startsWith('-')) return []
  const address = readRepositoryAddress(text)
  return address ? [{ kind: 'repository', ...address, text, line }] : mentionsOfRequirement(text, line)
}
