import { createHash } from 'node:crypto'

import type { GitCommit, GitPerson } from './git-store.js'

/** Returns the SHA of a git object, as git computes it. */
function objectSha(type: 'blob' | 'tree' | 'commit', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.byteLength}\0`).update(content).digest('hex')
}

/** Returns the SHA of a file's contents. */
export function blobSha(content: Uint8Array): string {
  return objectSha('blob', content)
}

interface Folder {
  files: Map<string, string>
  folders: Map<string, Folder>
}

/** Returns the SHAs of the folders of a tree by path; the root is `''`. `files` contains the blob SHA of each path. */
export function treeShas(files: ReadonlyMap<string, string>): Map<string, string> {
  const root: Folder = { files: new Map(), folders: new Map() }
  for (const [path, sha] of files) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let folder = root
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { files: new Map(), folders: new Map() }
      folder.folders.set(part, next)
      folder = next
    }
    folder.files.set(name, sha)
  }
  const shas = new Map<string, string>()
  hashFolder(root, '', shas)
  return shas
}

function hashFolder(folder: Folder, path: string, shas: Map<string, string>): string {
  const entries = [
    ...[...folder.files].map(([name, sha]) => ({ mode: '100644', name, sortKey: name, sha })),
    ...[...folder.folders].map(([name, child]) => ({
      mode: '40000',
      name,
      // git sorts a folder as if its name ended with a slash.
      sortKey: `${name}/`,
      sha: hashFolder(child, path === '' ? name : `${path}/${name}`, shas),
    })),
  ]
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.sortKey), Buffer.from(b.sortKey)))
  const content = Buffer.concat(
    entries.flatMap((entry) => [Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.sha, 'hex')]),
  )
  const sha = objectSha('tree', content)
  shas.set(path, sha)
  return sha
}

/** Returns the SHA of a commit, as git computes it. */
export function commitSha(commit: Omit<GitCommit, 'sha'>): string {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${personLine(commit.author)}`,
    `committer ${personLine(commit.committer)}`,
    '',
    commit.message,
  ]
  return objectSha('commit', Buffer.from(lines.join('\n')))
}

function personLine(person: GitPerson & { time: number }): string {
  return `${person.name} <${person.email}> ${Math.floor(person.time / 1000)} +0000`
}

/** Returns a commit message as git stores it: with exactly one line feed at the end. */
export function storedMessage(message: string): string {
  return `${message.replace(/\n+$/, '')}\n`
}

/** Returns a name or an email address as git stores it: without the characters that would terminate it. */
export function storedPerson(person: GitPerson): GitPerson {
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, '').trim()
  return { name: clean(person.name) || 'unknown', email: clean(person.email) || 'unknown@localhost' }
}
