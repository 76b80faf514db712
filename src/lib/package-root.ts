import { existsSync } from 'node:fs'

/**
 * The folder of package.json: the nearest one above this file. It is searched for because the source and the bundle lie at
 * different depths.
 */
export function packageRoot(): URL {
  let folder = new URL('.', import.meta.url)
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('..', folder)
    if (parent.href === folder.href)
      throw new Error('There is no package.json above orch: this installation is damaged.')
    folder = parent
  }
  return folder
}
