/** Returns `make` with a memory of its last `mostKnown` keys. Its values must not be changed. */
export function remember<Value>(mostKnown: number, make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, { value: Value }>()
  return (key) => {
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered.value
    const value = make(key)
    known.set(key, { value })
    const [oldest] = known.keys()
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
    return value
  }
}
