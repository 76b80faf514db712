import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { listRefs } from './disk-refs.js'

/**
 * Makes an empty folder a clone of a bare repository, with its branches under `refs/remotes/origin` and nothing checked out. The clone
 * reads the objects of the repository instead of copying them, as `git clone --shared` does, and starts no git for it.
 */
export async function createClone(source: string, target: { directory: string; origin: string }): Promise<void> {
  const folder = join(target.directory, '.git')
  for (const name of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await mkdir(join(folder, name), { recursive: true })
  }
  const branches = await listRefs(source, 'refs/heads/')
  const remote = branches.map(({ name, sha }) => `${sha} ${name.replace('refs/heads/', 'refs/remotes/origin/')}\n`)
  await writeFile(join(folder, 'objects/info/alternates'), `${resolve(source, 'objects')}\n`)
  await writeFile(join(folder, 'packed-refs'), ['# pack-refs with: peeled fully-peeled sorted \n', ...remote].join(''))
  await writeFile(join(folder, 'config'), configuration(target.origin))
  await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n')
}

function configuration(origin: string): string {
  return `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[remote "origin"]
	url = "${origin}"
	fetch = +refs/heads/*:refs/remotes/origin/*
`
}
