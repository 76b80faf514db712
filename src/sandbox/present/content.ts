import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { inPath } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

/** A file or folder at a ref. `content` is present only if the whole file was requested. */
export interface ShownContent {
  ref: string
  entry: { path: string; type: 'file' | 'dir'; sha: string; size: number }
  content?: Uint8Array
}

/** `content-file`, or an entry of `content-directory`, of GitHub's OpenAPI description. */
export function presentContent(world: World, repository: Repository, shown: ShownContent): Record<string, unknown> {
  const { path, type, sha, size } = shown.entry
  const isFile = type === 'file'
  const address = repositoryUrl(world, repository)
  const url = `${address}/contents/${inPath(path)}?ref=${encodeURIComponent(shown.ref)}`
  const gitUrl = `${address}/git/${isFile ? 'blobs' : 'trees'}/${sha}`
  const page = `${repositoryPage(world, repository)}/${isFile ? 'blob' : 'tree'}/${inPath(shown.ref)}/${inPath(path)}`
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    sha,
    size,
    url,
    html_url: page,
    git_url: gitUrl,
    download_url: isFile ? `${repositoryPage(world, repository)}/raw/${inPath(shown.ref)}/${inPath(path)}` : null,
    type,
    ...(shown.content !== undefined && { content: inLines(shown.content), encoding: 'base64' }),
    _links: { self: url, git: gitUrl, html: page },
  }
}

/** Base64 in lines of 60 characters, as GitHub returns it. */
function inLines(content: Uint8Array): string {
  return Buffer.from(content)
    .toString('base64')
    .replace(/.{1,60}/g, '$&\n')
}
