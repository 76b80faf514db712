import { nodeId } from '../present/common.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import type { Fields } from './fields.js'
import type { BlobSource, TreeEntrySource, TreeSource } from './sources.js'
import { repositorySource } from './sources.js'

export const blobFields: Fields<BlobSource> = {
  id: ({ repository, oid }) => nodeId('Blob', `${repository.id}:${oid}`),
  oid: ({ oid }) => oid,
  abbreviatedOid: ({ oid }) => oid.slice(0, 7),
  repository: ({ repository }) => repositorySource(repository),
  byteSize: ({ content }) => content.byteLength,
  isBinary: ({ content }) => content.includes(0),
  isTruncated: () => false,
  text: ({ content }) => (content.includes(0) ? null : Buffer.from(content).toString('utf8')),
}

export const treeFields: Fields<TreeSource> = {
  id: ({ repository, oid }) => nodeId('Tree', `${repository.id}:${oid}`),
  oid: ({ oid }) => oid,
  abbreviatedOid: ({ oid }) => oid.slice(0, 7),
  repository: ({ repository }) => repositorySource(repository),
  entries: async ({ repository, commit, path }, _args, { world }) => {
    const entries = (await world.git.listTree(repository.id, commit, path)) ?? []
    return entries.map((entry): TreeEntrySource => {
      return { repository, commit, entry, path: path === '' ? entry.name : `${path}/${entry.name}` }
    })
  },
}

export const treeEntryFields: Fields<TreeEntrySource> = {
  name: ({ entry }) => entry.name,
  path: ({ path }) => path,
  type: ({ entry }) => (entry.type === 'dir' ? 'tree' : 'blob'),
  oid: ({ entry }) => entry.sha,
  size: ({ entry }) => entry.size,
  repository: ({ repository }) => repositorySource(repository),
  object: (source, _args, { world }) => objectOf(world, source),
}

/** Returns the file or folder at a path of a commit, or null. */
export async function findEntry(
  world: World,
  repository: Repository,
  commit: string,
  path: string,
): Promise<TreeEntrySource | null> {
  const slash = path.lastIndexOf('/')
  const entries = await world.git.listTree(repository.id, commit, path.slice(0, Math.max(slash, 0)))
  const entry = entries?.find(({ name }) => name === path.slice(slash + 1))
  return entry === undefined ? null : { repository, commit, path, entry }
}

export async function objectOf(world: World, source: TreeEntrySource): Promise<BlobSource | TreeSource | null> {
  const { repository, commit, path, entry } = source
  if (entry.type === 'dir') return { __typename: 'Tree', repository, oid: entry.sha, commit, path }
  const file = await world.git.readFile(repository.id, commit, path)
  return file && { __typename: 'Blob', repository, oid: file.sha, content: file.content }
}
