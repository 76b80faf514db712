import { createHash } from 'node:crypto'

import type { GitCommit, GitPerson, NewCommit } from './git-store.js'

/** A git object: its content without the header, and its SHA. */
export interface GitObject {
  type: 'blob' | 'tree' | 'commit'
  content: Uint8Array
  sha: string
}

function gitObject(type: GitObject['type'], content: Uint8Array): GitObject {
  const sha = createHash('sha1').update(objectHeader({ type, content })).update(content).digest('hex')
  return { type, content, sha }
}

/** Returns the bytes that precede the content of an object, both when it is hashed and when it is stored. */
export function objectHeader({ type, content }: Pick<GitObject, 'type' | 'content'>): string {
  return `${type} ${content.byteLength}\0`
}

/** Returns the object of a file's contents. */
export function blobObject(content: Uint8Array): GitObject {
  return gitObject('blob', content)
}

/** Returns the SHA of a file's contents. */
export function blobSha(content: Uint8Array): string {
  return blobObject(content).sha
}

/** A file of a tree, or another entry that is not a folder. */
export interface TreeFile {
  mode: string
  sha: string
}

/** The mode of a regular file. */
export const FILE_MODE = '100644'

interface Folder {
  files: Map<string, TreeFile>
  folders: Map<string, Folder>
}

/** Returns the SHAs of the folders of a tree by path; the root is `''`. `files` contains the blob SHA of each path. */
export function treeShas(files: ReadonlyMap<string, string>): Map<string, string> {
  const entries = new Map(Array.from(files, ([path, sha]) => [path, { mode: FILE_MODE, sha }] as const))
  return new Map(Array.from(treeObjects(entries, 'utf8'), ([path, { sha }]) => [path, sha]))
}

/** Returns the objects of the folders of a tree by path; the root is `''`. `encoding` is that of the paths in `files`. */
export function treeObjects(
  files: ReadonlyMap<string, TreeFile>,
  encoding: 'utf8' | 'latin1',
): ReadonlyMap<string, GitObject> {
  const root: Folder = { files: new Map(), folders: new Map() }
  for (const [path, file] of files) {
    const parts = path.split('/')
    const name = parts.pop() ?? ''
    let folder = root
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { files: new Map(), folders: new Map() }
      folder.folders.set(part, next)
      folder = next
    }
    folder.files.set(name, file)
  }
  const objects = new Map<string, GitObject>()
  const add = (folder: Folder, path: string): GitObject => {
    const entries = [
      ...Array.from(folder.files, ([name, { mode, sha }]) => ({ mode, name, sortKey: name, sha })),
      ...Array.from(folder.folders, ([name, child]) => ({
        mode: '40000',
        name,
        // git sorts a folder as if its name ended with a slash.
        sortKey: `${name}/`,
        sha: add(child, path === '' ? name : `${path}/${name}`).sha,
      })),
    ]
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.sortKey, encoding), Buffer.from(b.sortKey, encoding)))
    const content = entries.flatMap(({ mode, name, sha }) => [
      Buffer.from(`${mode} ${name}\0`, encoding),
      Buffer.from(sha, 'hex'),
    ])
    const object = gitObject('tree', Buffer.concat(content))
    objects.set(path, object)
    return object
  }
  add(root, '')
  return objects
}

/** Returns the object of a commit. */
export function commitObject(commit: Omit<GitCommit, 'sha'>): GitObject {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${personLine(commit.author)}`,
    `committer ${personLine(commit.committer)}`,
    '',
    commit.message,
  ]
  return gitObject('commit', Buffer.from(lines.join('\n')))
}

/** Returns a new commit as git stores it. */
export function storedCommit(tree: string, parents: string[], commit: NewCommit): Omit<GitCommit, 'sha'> {
  const time = Math.floor(commit.time / 1000) * 1000
  const person = (given: GitPerson): GitPerson & { time: number } => ({ ...storedPerson(given), time })
  return {
    tree,
    parents,
    message: storedMessage(commit.message),
    author: person(commit.author),
    committer: person(commit.committer ?? commit.author),
  }
}

function personLine(person: GitPerson & { time: number }): string {
  return `${person.name} <${person.email}> ${Math.floor(person.time / 1000)} +0000`
}

/** Returns a commit message as git stores it: with exactly one line feed at the end. */
function storedMessage(message: string): string {
  return `${message.replace(/\n+$/, '')}\n`
}

/** Returns a name or an email address as git stores it: without the characters that would terminate it. */
function storedPerson(person: GitPerson): GitPerson {
  const clean = (text: string): string => text.replace(/[<>\n\r\0]/g, '').trim()
  return { name: clean(person.name) || 'unknown', email: clean(person.email) || 'unknown@localhost' }
}
