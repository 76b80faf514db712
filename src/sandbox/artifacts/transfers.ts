import { randomBytes } from 'node:crypto'

import type { SandboxClock } from '../clock.js'

/** The path prefix of uploads and downloads. GitHub has them on hosts of Azure Blob Storage, whose paths are account, container and blob. */
export const TRANSFER_FOLDER = '/_artifacts/'
const UPLOADS = `${TRANSFER_FOLDER}uploads/`
const DOWNLOADS = `${TRANSFER_FOLDER}downloads/`

const UPLOAD_LIFETIME_MS = 3_600_000
const DOWNLOAD_LIFETIME_MS = 60_000

/** Largest content of an artifact. It is in memory while it is uploaded. */
export const MAX_ARTIFACT_BYTES = 256 * 1024 * 1024

/** The content of an artifact while it is uploaded. */
export class Upload {
  readonly expiresAt: number
  /** The committed content; null before the commit. */
  content: Uint8Array | null = null
  readonly #blocks = new Map<string, Uint8Array>()
  readonly #maxBytes: number

  constructor(expiresAt: number, maxBytes = MAX_ARTIFACT_BYTES) {
    this.expiresAt = expiresAt
    this.#maxBytes = maxBytes
  }

  /** Keeps a block until it is committed; false if the upload becomes too large. */
  addBlock(id: string, block: Uint8Array): boolean {
    this.#blocks.delete(id)
    const others = [...this.#blocks.values()].reduce((sum, { length }) => sum + length, 0)
    if (others + block.length > this.#maxBytes) return false
    this.#blocks.set(id, block)
    return true
  }

  /** Makes these blocks the content, in this order; false if one of them is unknown. */
  commit(ids: readonly string[]): boolean {
    const blocks = ids.map((id) => this.#blocks.get(id))
    const known = blocks.filter((block) => block !== undefined)
    if (known.length < ids.length) return false
    this.content = Buffer.concat(known)
    this.#blocks.clear()
    return true
  }
}

/** Addresses by which contents of artifacts are uploaded and downloaded without a token. A key grants the access, so it must be unguessable. */
export class Transfers {
  readonly #clock: SandboxClock
  readonly #uploads = new Map<string, Upload>()
  readonly #downloads = new Map<string, { artifactId: number; expiresAt: number }>()

  constructor(clock: SandboxClock) {
    this.#clock = clock
  }

  /** Returns the path of a new upload. */
  createUpload(): { path: string; upload: Upload } {
    this.#forgetExpired()
    const upload = new Upload(this.#clock.now() + UPLOAD_LIFETIME_MS)
    const key = newKey()
    this.#uploads.set(key, upload)
    return { path: `${UPLOADS}${key}`, upload }
  }

  /** Returns the path of a new download, which is valid for a minute. */
  createDownload(artifactId: number): string {
    this.#forgetExpired()
    const key = newKey()
    this.#downloads.set(key, { artifactId, expiresAt: this.#clock.now() + DOWNLOAD_LIFETIME_MS })
    return `${DOWNLOADS}${key}`
  }

  /** Ends an upload and frees its memory. */
  endUpload(ended: Upload): void {
    for (const [key, upload] of this.#uploads) if (upload === ended) this.#uploads.delete(key)
  }

  uploadAt(path: string): Upload | undefined {
    this.#forgetExpired()
    return path.startsWith(UPLOADS) ? this.#uploads.get(path.slice(UPLOADS.length)) : undefined
  }

  /** Returns the ID of the artifact that a path downloads. */
  downloadAt(path: string): number | undefined {
    this.#forgetExpired()
    return path.startsWith(DOWNLOADS) ? this.#downloads.get(path.slice(DOWNLOADS.length))?.artifactId : undefined
  }

  #forgetExpired(): void {
    const now = this.#clock.now()
    for (const transfers of [this.#uploads, this.#downloads]) {
      for (const [key, { expiresAt }] of transfers) if (expiresAt <= now) transfers.delete(key)
    }
  }
}

function newKey(): string {
  return randomBytes(24).toString('hex')
}
