import { createHmac } from 'node:crypto'
import { signedText } from '../../model/wire/signed-request.js'
import type { SignedRequest } from '../../model/wire/signed-request.js'

/** A request as its signature covers it. `isOnce`: the service accepts its signature once. */
interface UnsignedRequest extends Omit<SignedRequest, 'timestamp'> {
  isOnce: boolean
}

/** Signs requests. */
export class RequestSigner {
  readonly #secret: string
  /** The last timestamp by the signature that the request has without one. */
  readonly #lastTimestamps = new Map<string, number>()

  constructor(secret: string) {
    this.#secret = secret
  }

  /** `now`: seconds since the epoch, UTC. A request that was signed for this second before gets the next one. */
  sign(request: UnsignedRequest, now: number): { timestamp: number; signature: string } {
    const timestamp = request.isOnce ? this.#nextTimestamp(request, now) : now
    return { timestamp, signature: this.#signature({ ...request, timestamp }) }
  }

  #nextTimestamp(request: UnsignedRequest, now: number): number {
    for (const [key, last] of this.#lastTimestamps) if (last < now) this.#lastTimestamps.delete(key)
    const key = this.#signature({ ...request, timestamp: 0 })
    const timestamp = Math.max(now, (this.#lastTimestamps.get(key) ?? 0) + 1)
    this.#lastTimestamps.set(key, timestamp)
    return timestamp
  }

  #signature(request: SignedRequest): string {
    return `sha256=${createHmac('sha256', this.#secret).update(signedText(request)).digest('hex')}`
  }
}
