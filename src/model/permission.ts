/** What a person may do in a repository, in GitHub's four basic roles: `write` includes maintain, `read` includes triage. */
export type Permission = 'admin' | 'write' | 'read' | 'none'
export const permissionWords: readonly Permission[] = ['admin', 'write', 'read', 'none']

/** Whether a person with this permission may push. */
export function mayWrite(permission: Permission): boolean {
  return permission === 'admin' || permission === 'write'
}
