import type { GitCommit, GitPerson } from './git-store.js'

/** Parses the output of `git cat-file --batch` for commits. Missing commits are omitted. */
export function parseCommits(batch: Buffer): GitCommit[] {
  const commits: GitCommit[] = []
  let offset = 0
  while (offset < batch.length) {
    const lineEnd = batch.indexOf(0x0a, offset)
    const [sha = '', type = '', size = ''] = batch.toString('utf8', offset, lineEnd).split(' ')
    offset = lineEnd + 1
    if (!/^\d+$/.test(size)) continue
    const end = offset + Number(size)
    if (type === 'commit') commits.push(parseCommit(sha, batch.toString('utf8', offset, end)))
    offset = end + 1
  }
  return commits
}

function parseCommit(sha: string, text: string): GitCommit {
  const headerEnd = text.indexOf('\n\n')
  const header = text.slice(0, headerEnd).split('\n')
  const values = (name: string): string[] =>
    header.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    message: text.slice(headerEnd + 2),
    author: parsePerson(values('author')[0] ?? ''),
    committer: parsePerson(values('committer')[0] ?? ''),
  }
}

function parsePerson(line: string): GitPerson & { time: number } {
  const match = /^(.*?) ?<([^>]*)> (\d+)/.exec(line)
  return { name: match?.[1] ?? '', email: match?.[2] ?? '', time: Number(match?.[3] ?? 0) * 1000 }
}
