/**
 * Why git refuses this branch name; undefined: it accepts it.
 * The rules are those of `git check-ref-format --branch` (git-check-ref-format(1)).
 */
export function branchNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name === '@') return 'a single @ is reserved by git'
  if (name.startsWith('-')) return 'it starts with a dash'
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) return 'it has an empty part between slashes'
  if (name.split('/').some((part) => part.startsWith('.'))) return 'a part of it starts with a dot'
  if (name.split('/').some((part) => part.endsWith('.lock'))) return 'a part of it ends in .lock'
  if (name.endsWith('.')) return 'it ends with a dot'
  if (name.includes('..')) return 'it has two dots in a row'
  if (name.includes('@{')) return 'it contains @{'
  // The linter forbids control characters in patterns, so they are named by their code.
  const bad = Array.from(name).find(
    (char) => char.charCodeAt(0) <= 32 || char === '\u007f' || '~^:?*[\\'.includes(char),
  )
  if (bad !== undefined) return `it contains ${JSON.stringify(bad)}`
  return undefined
}
