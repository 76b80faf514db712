import { createHmac } from 'node:crypto'
import { signedText } from '../../../model/wire/signed-request.js'
import type { SignedRequest } from '../../../model/wire/signed-request.js'
import type { Clock } from '../../../ports/clock.js'
import { isSameSecret } from './secrets.js'
import { clockWindowMs } from './used-signatures.js'
import type { UsedSignatures } from './used-signatures.js'
import type { WrongTokens } from './wrong-tokens.js'

export type SignatureCheck =
  | { kind: 'right' }
  | { kind: 'wrong' }
  /** ORCH_HMAC_SECRET is not configured. */
  | { kind: 'not-configured' }
  /** The timestamp is missing, or further from our clock than the window. */
  | { kind: 'outside-window' }
  /** A request with this very signature was accepted before. */
  | { kind: 'used' }
  /** The address has sent too many wrong tokens and signatures, and this one was wrong too. */
  | { kind: 'limited'; retryAfterMs: number }

/** A request and the signature that it carries. */
export interface SentSignature extends Omit<SignedRequest, 'timestamp' | 'body'> {
  signature: string
  timestamp: string
  /** Called only if the signature may be right. */
  readBody: () => Promise<string>
  /** Where the request comes from. */
  address: string
  /** Whether the signature may be used once only. */
  isOnce: boolean
}

export interface SignatureVerifierOptions {
  /** ORCH_HMAC_SECRET; null: no signature is accepted. */
  secret: string | null
  used: UsedSignatures
  wrongTokens: WrongTokens
  clock: Clock
}

export interface SignatureVerifier {
  check(sent: SentSignature): Promise<SignatureCheck>
}

/** Only a guess counts as wrong: a signature of the right secret may be late or used, and never locks its sender out. */
export function createSignatureVerifier(options: SignatureVerifierOptions): SignatureVerifier {
  const { secret, used, wrongTokens, clock } = options
  const refuseWrong = (address: string): SignatureCheck => {
    const retryAfterMs = wrongTokens.retryAfterMs(address)
    wrongTokens.begin(address)?.wrong()
    return retryAfterMs === null ? { kind: 'wrong' } : { kind: 'limited', retryAfterMs }
  }
  return {
    check: async ({ signature, timestamp, method, path, readBody, address, isOnce }) => {
      if (secret === null) return { kind: 'not-configured' }
      const seconds = /^\d{1,12}$/u.test(timestamp) ? Number(timestamp) : null
      if (seconds === null || Math.abs(clock.now() - seconds * 1000) > clockWindowMs) return { kind: 'outside-window' }
      if (!/^sha256=[\da-f]{64}$/u.test(signature)) return refuseWrong(address)
      const body = await readBody()
      const text = signedText({ timestamp: seconds, method, path, body })
      const expected = `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`
      if (!isSameSecret(signature, expected)) return refuseWrong(address)
      return !isOnce || (await used.use(signature)) ? { kind: 'right' } : { kind: 'used' }
    },
  }
}
