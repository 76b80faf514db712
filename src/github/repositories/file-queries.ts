import { splitRepo, type RepoName } from '../../model/repo-name.js'
import type { Variables } from '../graphql/endpoint.js'

interface QueryText {
  query: string
  variables: Variables
}

/** A file at a commit. */
export interface FileAt {
  repo: RepoName
  sha: string
  path: string
}

export function repositoryAlias(index: number): string {
  return `r${index}`
}

export function fileAlias(index: number): string {
  return `f${index}`
}

/** Names and paths are variables and never part of the text: only the numbers of aliases vary. */
export function foldersQuery(repositories: readonly RepoName[]): QueryText {
  return {
    query: [
      `query ListFiles(${declareNames(repositories)}) {`,
      ...repositories.map((_, index) => `  ${openRepository(index)} ...Folders }`),
      '}',
      'fragment Folders on Repository {',
      '  nameWithOwner isArchived',
      '  defaultBranchRef { name target { oid ... on Commit {',
      '    tree { entries { name type } }',
      '    workflows: file(path: ".github/workflows") { object { ... on Tree { entries { name type } } } }',
      '  } } }',
      '}',
    ].join('\n'),
    variables: namesOf(repositories),
  }
}

/** The files of one query; each repository is named once. Aliases of files count over all repositories. */
export function filesQuery(files: readonly FileAt[]): QueryText & { repositories: readonly RepoName[] } {
  const repositories = [...new Set(files.map(({ repo }) => repo))]
  const fieldsOf = (repo: RepoName): string =>
    files
      .map((file, index) =>
        file.repo === repo ? `${fileAlias(index)}: object(expression: $e${index}) { ...File }` : '',
      )
      .filter((field) => field !== '')
      .join(' ')
  const expressions = files.map((_, index) => `$e${index}: String!`).join(', ')
  return {
    repositories,
    query: [
      `query ReadFiles(${declareNames(repositories)}, ${expressions}) {`,
      ...repositories.map((repo, index) => `  ${openRepository(index)} ${fieldsOf(repo)} }`),
      '}',
      'fragment File on GitObject { __typename ... on Blob { text isBinary isTruncated } }',
    ].join('\n'),
    variables: {
      ...namesOf(repositories),
      ...Object.fromEntries(files.map(({ sha, path }, index) => [`e${index}`, `${sha}:${path}`])),
    },
  }
}

function openRepository(index: number): string {
  return `${repositoryAlias(index)}: repository(owner: $o${index}, name: $n${index}, followRenames: false) {`
}

function declareNames(repositories: readonly RepoName[]): string {
  return repositories.map((_, index) => `$o${index}: String!, $n${index}: String!`).join(', ')
}

function namesOf(repositories: readonly RepoName[]): Variables {
  const entries = repositories.flatMap((repo, index) => {
    const { owner, name } = splitRepo(repo)
    return [
      [`o${index}`, owner],
      [`n${index}`, name],
    ] as const
  })
  return Object.fromEntries(entries)
}
