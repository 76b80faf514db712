import type { UsedSignatures } from '../../../src/service/http/login/used-signatures.js'

/** Used signatures without a database, which are kept as long as the test. */
export function createMemoryUsedSignatures(): UsedSignatures {
  const used = new Set<string>()
  return {
    use: (signature) => {
      const isNew = !used.has(signature)
      used.add(signature)
      return Promise.resolve(isNew)
    },
  }
}
