/**
 * Does something for whoever asks. What is being done for a key is repeated once for all who ask meanwhile, because it may have begun too early
 * for them. `act` must not ask for its own key.
 */
export function coalesced(act: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const passes = new Map<string, { current: Promise<void>; next: Promise<void> | null }>()
  const begin = (key: string): Promise<void> => {
    const pass = { current: Promise.resolve(), next: null as Promise<void> | null }
    passes.set(key, pass)
    pass.current = act(key).finally(() => {
      if (pass.next === null) passes.delete(key)
    })
    return pass.current
  }
  return (key) => {
    const pass = passes.get(key)
    if (!pass) return begin(key)
    pass.next ??= pass.current.then(
      () => begin(key),
      () => begin(key),
    )
    return pass.next
  }
}
