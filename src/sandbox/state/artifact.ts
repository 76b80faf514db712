/** An artifact of a workflow run. Times are in ms, UTC. It is replaced and never changed. */
export interface Artifact {
  id: number
  name: string
  /** The IDs of the attempt and of the job that uploaded it, as the results service shows them. */
  runBackendId: string
  jobBackendId: string
  /** Of the uploaded content. */
  sizeBytes: number
  /** `sha256:` and 64 hex digits. */
  digest: string
  /** `application/zip`, unless a single file was uploaded as it is. */
  mimeType: string
  createdAt: number
  expiresAt: number
}
