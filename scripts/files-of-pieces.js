// Which pieces of the bundle share a file: each file costs a start some tenths of a millisecond, whatever is in it.

/**
 * `pieces`: of each its name, what it loads at once (`imports`) and when it is used (`later`). Returns, by name, the piece whose file each
 * one stands in, itself where it has a file of its own. It joins the first piece that loads it at once and that every way to it goes through:
 * so nothing is loaded that was not loaded before.
 */
export function filesOf(pieces, root) {
  const byName = new Map(pieces.map((piece) => [piece.name, piece]))
  const asked = [root, ...new Set(pieces.flatMap(({ later }) => later))]
  const hosts = asked.map((name) => ({
    name,
    atOnce: reach(byName, name, ({ imports }) => imports),
    without: reach(byName, root, ({ imports, later }) => [...imports, ...later], name),
  }))
  const hostOf = (name) => {
    if (asked.includes(name)) return name
    const found = hosts.filter(({ atOnce, without }) => atOnce.has(name) && !without.has(name))
    // The first of them: it is come to without the others.
    return found.find((host) => found.every((other) => other === host || other.without.has(host.name)))?.name ?? name
  }
  return new Map(pieces.map(({ name }) => [name, hostOf(name)]))
}

/** The names that are come to from `start`, itself among them, without going through `closed`. */
function reach(byName, start, next, closed = null) {
  const reached = new Set()
  const open = start === closed ? [] : [start]
  while (open.length > 0) {
    const name = open.pop()
    if (reached.has(name)) continue
    reached.add(name)
    const piece = byName.get(name)
    open.push(...(piece ? next(piece) : []).filter((each) => each !== closed))
  }
  return reached
}
