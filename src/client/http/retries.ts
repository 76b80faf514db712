/** Pauses before a request is sent again of which nobody knows whether it arrived, ms. */
const retryPausesMs = [1_100, 2_000]
/** How long a request waits in all for a service that accepts no more for now, ms. */
const maxLimitedMs = 60_000
/** How often a request is signed for another second because its signature was used. */
const maxSignatures = 60

/** Decides for one request whether it is sent again. */
export class Retries {
  readonly #isRepeatable: boolean
  #failures = 0
  #limitedMs = 0
  #signatures = 0

  /** @param isRepeatable whether it may be sent again when it is not known whether it arrived */
  constructor(isRepeatable: boolean) {
    this.#isRepeatable = isRepeatable
  }

  /** The pause after a failure of the network, ms; null: the request is not sent again. */
  afterFailure(): number | null {
    if (!this.#isRepeatable) return null
    const pauseMs = retryPausesMs[this.#failures] ?? null
    this.#failures += 1
    return pauseMs
  }

  /** The pause after an answer, ms; null: the answer counts. */
  async after(response: Response): Promise<number | null> {
    switch (response.status) {
      case 401:
        return (await isUsed(response)) ? this.#afterUsedSignature() : null
      case 429:
        return this.#afterLimit(response)
      case 502:
      case 503:
      case 504:
        return this.afterFailure()
      default:
        return null
    }
  }

  /** Another process has signed the same request in the same second. Nothing was done for this one. */
  #afterUsedSignature(): number | null {
    this.#signatures += 1
    return this.#signatures <= maxSignatures ? 0 : null
  }

  /** Nothing was done for the request, so that any may be sent again. */
  #afterLimit(response: Response): number | null {
    const seconds = Number(response.headers.get('retry-after') ?? NaN)
    if (!(seconds > 0)) return this.afterFailure()
    const pauseMs = seconds * 1_000
    this.#limitedMs += pauseMs
    return this.#limitedMs <= maxLimitedMs ? pauseMs : null
  }
}

async function isUsed(response: Response): Promise<boolean> {
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'signature-used'
}
