// Which pieces of the bundle share a file: each file costs a start some tenths of a millisecond, whatever is in it.

/** What is so small, in bytes before its names are shortened, is loaded sooner than it is needed rather than from a file of its own. */
const smallest = 6_000

/** Packages are never loaded before they are needed, however small. */
function isSmall({ size, inputs }) {
  return size <= smallest && inputs.every((input) => input.startsWith('src/'))
}

/**
 * `pieces`: of each its name and `size`, what it loads at once (`imports`) and when it is used (`later`). Returns, by name, the piece whose file each
 * one stands in, itself where it has a file of its own. It joins the first piece that loads it at once and that every way to it goes through:
 * so nothing is loaded that was not loaded before. A small one joins the last that every way to it goes through, but for `root`.
 */
export function filesOf(pieces, root) {
  const byName = new Map(pieces.map((piece) => [piece.name, piece]))
  const asked = [root, ...new Set(pieces.flatMap(({ later }) => later))]
  const hosts = asked.map((name) => ({
    name,
    atOnce: reach(byName, name, ({ imports }) => imports),
    without: reach(byName, root, ({ imports, later }) => [...imports, ...later], name),
  }))
  /** Those that every way to the piece goes through, in the order in which they are come to. */
  const onEveryWay = (name) =>
    hosts.filter(({ without }) => !without.has(name)).sort((one, other) => (one.without.has(other.name) ? 1 : -1))
  const reached = reach(byName, root, ({ imports, later }) => [...imports, ...later])
  const movable = pieces.filter(({ name }) => reached.has(name) && !asked.includes(name))
  const files = new Map(pieces.map(({ name }) => [name, name]))
  for (const { name } of movable) files.set(name, onEveryWay(name).find(({ atOnce }) => atOnce.has(name))?.name ?? name)
  const joinSmall = (piece) => {
    const { name, imports } = piece
    if (files.get(name) !== name || !isSmall(piece)) return false
    const ways = onEveryWay(name)
    const host = ways.at(-1)
    const isThere = (each) => host.atOnce.has(each) || ways.some((way) => way.name === files.get(each))
    if (host.name === root || !imports.every(isThere)) return false
    files.set(name, host.name)
    return true
  }
  while (movable.some(joinSmall));
  refuseCircles(pieces, files)
  return files
}

/** In a circle of files one would be used before it is there. */
function refuseCircles(pieces, files) {
  const next = (file) => {
    const own = pieces.filter(({ name }) => files.get(name) === file)
    return own.flatMap(({ imports }) => imports.map((name) => files.get(name))).filter((other) => other !== file)
  }
  const byFile = new Map([...new Set(files.values())].map((file) => [file, { next: next(file) }]))
  for (const [file, loads] of byFile) {
    const circle = loads.next.find((other) => reach(byFile, other, (each) => each.next).has(file))
    if (circle !== undefined) throw new Error(`${file} and ${circle} would load each other`)
  }
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
