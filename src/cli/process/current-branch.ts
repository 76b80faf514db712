/** The branch that is checked out in the working directory; null: none. `readProgram`: runs a program and returns its output. */
export async function currentBranch(
  readProgram: (command: string, args: readonly string[]) => Promise<string | null>,
): Promise<string | null> {
  const output = await readProgram('git', ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  const branch = output?.trim() ?? ''
  return branch === '' ? null : branch
}
