import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../app/environment.js'
import { stop, usageProblem } from '../../app/problem.js'
import type { Problem, Result } from '../../app/problem.js'
import { graphFileName } from '../../config/graph-file-paths.js'
import { packageRoot } from '../../lib/package-root.js'
import { sanitize, shellWord } from '../../lib/sanitize.js'
import { writeNewFile } from '../../lib/write-new-file.js'

const schemaFileName = 'orchestrator.schema.json'

/** Beside the graph file, so that every editor finds it on every machine. */
export const schemaAddress = `./${schemaFileName}`

const schemaSource = fileURLToPath(new URL(`config/${schemaFileName}`, packageRoot()))

/** Writes a new graph file and its JSON Schema; resolves to the names of the files that were written. A schema that is there stays. */
export async function writeGraphFile(
  directory: string,
  text: string,
  argv: readonly string[],
): Promise<Result<readonly string[]>> {
  const graph = await writeNewFile(join(directory, graphFileName), text)
  if (graph.kind === 'exists') return stop(existsProblem(argv))
  if (graph.kind === 'failed') return stop(failedProblem(graphFileName, graph.code))
  const schema = await writeNewFile(join(directory, schemaFileName), await readFile(schemaSource, 'utf8'))
  if (schema.kind === 'failed') return stop(failedProblem(schemaFileName, schema.code))
  return { ok: true, value: schema.kind === 'exists' ? [graphFileName] : [graphFileName, schemaFileName] }
}

/** @param argv the words after `orch`, which the command to compare is made of */
export function existsProblem(argv: readonly string[]): Problem {
  const kept = argv.slice(1).filter((word) => !['-y', '--yes'].includes(word))
  const named = kept.some((word) => /^--(?:repos|from-org)\b/u.test(word))
    ? kept
    : ['--owner', 'OWNER', '--repos', 'a,b']
  const words = ['orch', 'init', ...named.map(shellWord), '--dry-run']
  const why = 'orch init never replaces a file'
  return usageProblem(
    `${graphFileName} exists already`,
    why,
    `See the difference: ${words.join(' ')} | diff ${graphFileName} -`,
  )
}

/** A note where another graph file is used than the one that was written; null: there is none. */
export function otherFileNote(env: Environment): string | null {
  const named = (env['ORCH_CONFIG'] ?? '').trim()
  return named === '' ? null : `note: ORCH_CONFIG names ${sanitize(named)}: unset it, so that orch uses the new file`
}

function failedProblem(name: string, code: string): Problem {
  const why = `the system answered ${code}`
  return {
    kind: 'failed',
    message: `${name} cannot be written`,
    why,
    remedy: 'Make the folder writable, or use another one.',
  }
}
