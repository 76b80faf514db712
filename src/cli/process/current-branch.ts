import type { Context } from './context.js'

/** The branch that is checked out in the working directory, or on a detached head the one that GitHub Actions builds; null: none. */
export async function currentBranch({
  readProgram,
  cwd,
  env,
}: Pick<Context, 'readProgram' | 'cwd' | 'env'>): Promise<string | null> {
  const output = await readProgram('git', ['-C', cwd, 'symbolic-ref', '--quiet', '--short', 'HEAD'])
  const branch = output?.trim() ?? ''
  return branch === '' ? branchOfWorkflow(env) : branch
}

/** In a run for a pull request GITHUB_REF_NAME is its merge ref, and GITHUB_HEAD_REF its branch (GitHub's default environment variables). */
function branchOfWorkflow(env: Context['env']): string | null {
  if (env['GITHUB_ACTIONS'] !== 'true') return null
  const head = env['GITHUB_HEAD_REF'] ?? ''
  if (head !== '') return head
  return env['GITHUB_REF_TYPE'] === 'branch' ? (env['GITHUB_REF_NAME'] ?? null) : null
}
