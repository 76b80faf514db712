import type { GitRef, GitStore } from './git-store.js'

/** Read-only git repositories with the refs of an earlier time. Commits never change, so they come from the present repositories. */
export class PastGit implements GitStore {
  readonly http = null
  readonly readCommit: GitStore['readCommit']
  readonly history: GitStore['history']
  readonly isAncestor: GitStore['isAncestor']
  readonly countAhead: GitStore['countAhead']
  readonly commitsBetween: GitStore['commitsBetween']
  readonly changedPaths: GitStore['changedPaths']
  readonly mergeBase: GitStore['mergeBase']
  readonly diffSize: GitStore['diffSize']
  readonly listTree: GitStore['listTree']
  readonly readFile: GitStore['readFile']
  /** Creates a commit, as the test for conflicts does, and moves no ref. */
  readonly merge: GitStore['merge']
  readonly createRepository = refuse
  readonly forkRepository = refuse
  readonly updateRef = refuse
  readonly commit = refuse
  readonly commitTree = refuse
  readonly copyCommit = refuse
  readonly checkout = refuse
  readonly #refs: ReadonlyMap<number, ReadonlyMap<string, string>>

  constructor(git: GitStore, refs: ReadonlyMap<number, ReadonlyMap<string, string>>) {
    this.#refs = refs
    this.readCommit = git.readCommit.bind(git)
    this.history = git.history.bind(git)
    this.isAncestor = git.isAncestor.bind(git)
    this.countAhead = git.countAhead.bind(git)
    this.commitsBetween = git.commitsBetween.bind(git)
    this.changedPaths = git.changedPaths.bind(git)
    this.mergeBase = git.mergeBase.bind(git)
    this.diffSize = git.diffSize.bind(git)
    this.listTree = git.listTree.bind(git)
    this.readFile = git.readFile.bind(git)
    this.merge = git.merge.bind(git)
  }

  listRefs(id: number, prefix: string): Promise<GitRef[]> {
    const refs = Array.from(this.#refs.get(id) ?? [], ([name, sha]) => ({ name, sha }))
    const found = refs.filter(({ name }) => name.startsWith(prefix))
    return Promise.resolve(found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))))
  }

  async listRefsWith(id: number, prefix: string, sha: string): Promise<GitRef[]> {
    const refs = await this.listRefs(id, prefix)
    const found = await Promise.all(refs.map((ref) => this.isAncestor(id, sha, ref.sha)))
    return refs.filter((_ref, index) => found[index])
  }

  resolveRef(id: number, ref: string): Promise<string | null> {
    return Promise.resolve(this.#refs.get(id)?.get(ref) ?? null)
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('the past cannot be changed'))
}
