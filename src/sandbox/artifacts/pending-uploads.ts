import type { Upload } from './transfers.js'

/** An artifact that was created and not finalized. Its name is taken. */
export interface PendingArtifact {
  name: string
  runBackendId: string
  jobBackendId: string
  mimeType: string
  expiresAt: number | null
  upload: Upload
}

/** The artifacts that jobs in progress are uploading. */
export class PendingUploads {
  #pending: PendingArtifact[] = []

  add(artifact: PendingArtifact): void {
    this.#pending.push(artifact)
  }

  remove(artifact: PendingArtifact): void {
    this.#pending = this.#pending.filter((each) => each !== artifact)
  }

  find(runBackendId: string, name: string): PendingArtifact | undefined {
    return this.#pending.find((each) => each.runBackendId === runBackendId && each.name === name)
  }

  /** Removes and returns those of a job that has ended. */
  takeOf(jobBackendId: string): PendingArtifact[] {
    const taken = this.#pending.filter((each) => each.jobBackendId === jobBackendId)
    this.#pending = this.#pending.filter((each) => each.jobBackendId !== jobBackendId)
    return taken
  }
}
