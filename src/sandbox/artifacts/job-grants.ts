/** The job that a runtime token belongs to. */
export interface JobGrant {
  runId: number
  runBackendId: string
  jobBackendId: string
}

/** The jobs that are in progress, by their runtime tokens (ACTIONS_RUNTIME_TOKEN). */
export class JobGrants {
  readonly #grants = new Map<string, JobGrant>()

  add(token: string, grant: JobGrant): void {
    this.#grants.set(token, grant)
  }

  remove(token: string): void {
    this.#grants.delete(token)
  }

  /** Returns the job of an Authorization header; undefined if no job in progress has the token. */
  of(authorization: string | null): JobGrant | undefined {
    return this.#grants.get((authorization ?? '').replace(/^bearer +/iu, ''))
  }
}
