import { Problems } from './yaml/problems.js'
import { readYaml, withoutByteOrderMark } from './yaml/read-yaml.js'
import type { Value } from './yaml/value.js'

/**
 * The names of the check runs that the jobs of a workflow file create, as far as the file itself names them: a job of a matrix, a call of
 * another workflow and a name with an expression get theirs when they run. Empty for a text that is not a workflow.
 */
export function readJobNames(text: string): string[] {
  const problems = new Problems()
  const content = withoutByteOrderMark(text)
  const root = readYaml(content, problems)
  if (root === null || problems.toDiagnostics(content).length > 0) return []
  const jobs = valueOf(root, 'jobs')
  return jobs?.kind === 'map' ? jobs.entries.flatMap(({ key, value }) => nameOf(key, value)) : []
}

function nameOf(id: string, job: Value): string[] {
  if (valueOf(job, 'uses') !== undefined || valueOf(job, 'strategy') !== undefined) return []
  const name = valueOf(job, 'name')
  if (name === undefined || name.kind === 'null') return [id]
  return name.kind === 'text' && !name.text.includes('${{') ? [name.text] : []
}

function valueOf(value: Value, key: string): Value | undefined {
  return value.kind === 'map' ? value.entries.find((entry) => entry.key === key)?.value : undefined
}
