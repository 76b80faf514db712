/** Remembers what never changes, up to a number of values; those remembered first are forgotten first. What is null, failed, or not worth keeping is asked for again. */
export class Memo<Value> {
  readonly #most: number
  readonly #isKept: (value: Value) => boolean
  readonly #values = new Map<string, Promise<Value | null>>()

  constructor(most: number, isKept: (value: Value) => boolean = () => true) {
    this.#most = most
    this.#isKept = isKept
  }

  /** The value of a key, made unless it is known; who asks for it meanwhile waits for the same. */
  get(key: string, make: () => Promise<Value | null>): Promise<Value | null> {
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#values.set(key, made)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest)
    const forget = (): void => {
      if (this.#values.get(key) === made) this.#values.delete(key)
    }
    made.then((value) => {
      if (value === null || !this.#isKept(value)) forget()
    }, forget)
    return made
  }
}
