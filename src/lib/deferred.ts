/** A promise with the function that resolves it. */
export interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
}

export function createDeferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((set) => (resolve = set))
  return { promise, resolve }
}
