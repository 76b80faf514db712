import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'

/** The keys of an App in PEM: the private one in the form of PKCS #1, as GitHub generates it. */
export interface AppKeys {
  publicKey: string
  privateKey: string
}

/** Generates RSA keys of 2048 bits, as GitHub does, which takes tenths of a second. */
export function generateAppKeys(): Promise<AppKeys> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}
