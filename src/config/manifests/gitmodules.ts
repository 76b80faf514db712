import type { Mention } from './manifest.js'
import { manifestOf } from './manifest.js'
import type { ManifestReader } from './manifest.js'
import { readRepositoryAddress } from './repository-address.js'

/** .gitmodules: the addresses of the submodules. */
export const readGitmodules: ManifestReader = (text) => {
  const mentions = text.split('\n').flatMap((line, index): Mention[] => {
    const url = /^\s*url\s*=\s*"?(?<url>[^"\s]+)"?\s*$/u.exec(line)?.groups?.['url']
    const address = url === undefined ? null : readRepositoryAddress(url)
    return address ? [{ kind: 'repository', ...address, text: url ?? '', line: index + 1 }] : []
  })
  return manifestOf({ mentions })
}
