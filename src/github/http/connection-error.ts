/** Codes that only occur before a connection is established (Node's dns and net, undici). */
const beforeConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_TLS',
])

/** OpenSSL's verification errors, as Node names them: the certificate is verified before anything is sent. */
const certificate =
  /^(?:CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/u

/** The reason why there was no connection or why it ended. */
export interface ConnectionError {
  /** `ECONNRESET`, …; null: not known. */
  code: string | null
  /** Proof that no byte of the request was sent. */
  neverSent: boolean
  isCertificate: boolean
}

/** Reads the causes of what `fetch` rejected with. */
export function readConnectionError(error: unknown): ConnectionError {
  const reasons = [...innermost(error)].map(describe)
  const [first] = reasons
  if (first === undefined) return { code: null, neverSent: false, isCertificate: false }
  // Several addresses were tried: that nothing was sent is proven only if no attempt connected.
  return { ...first, neverSent: reasons.every((reason) => reason.neverSent) }
}

function* innermost(error: unknown): Generator<Error> {
  if (!(error instanceof Error)) return
  if (error instanceof AggregateError) {
    for (const each of error.errors) yield* innermost(each)
  } else if (error.cause instanceof Error) {
    yield* innermost(error.cause)
  } else {
    yield error
  }
}

function describe(error: Error): ConnectionError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  const syscall = 'syscall' in error ? error.syscall : null
  const isCertificate = code !== null && certificate.test(code)
  const neverSent =
    isCertificate ||
    (code !== null && beforeConnection.has(code)) ||
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    // This message is undici's only sign that the proxy refused to open the tunnel: the code is only "aborted".
    (code === 'UND_ERR_ABORTED' && error.message.startsWith('Proxy response ('))
  return { code, neverSent, isCertificate }
}
