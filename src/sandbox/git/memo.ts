/** Caches a limited number of immutable values and evicts the oldest first. Null, failed and unkept values are fetched again. */
export class Memo<Value> {
  readonly #maxSize: number
  readonly #isKept: (value: Value) => boolean
  readonly #values = new Map<string, Promise<Value | null>>()

  constructor(maxSize: number, isKept: (value: Value) => boolean = () => true) {
    this.#maxSize = maxSize
    this.#isKept = isKept
  }

  /** Returns the cached value of a key, or makes it. Concurrent calls for the same key share one promise. */
  get(key: string, make: () => Promise<Value | null>): Promise<Value | null> {
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#values.set(key, made)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.#maxSize && oldest !== undefined) this.#values.delete(oldest)
    const forget = (): void => {
      if (this.#values.get(key) === made) this.#values.delete(key)
    }
    made.then((value) => {
      if (value === null || !this.#isKept(value)) forget()
    }, forget)
    return made
  }
}
