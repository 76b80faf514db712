// Loads the pieces of dist/cli as `require` would, with the code that V8 compiled when they were built (docs/decisions/0022-compiled-when-built.md). V8
// itself refuses such code where it is of another version or of other flags; then, or without it, the source is compiled as usual.
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

const before = '(function (exports, require, module, __filename, __dirname) {'
const folder = join(dirname(__dirname), 'dist/cli')

/** The compiled pieces by their paths, for who keeps what V8 made of them. */
const scripts = new Map()

/** What a piece exports, or a module of Node. */
function load(request) {
  if (!request.startsWith('./')) return require(request)
  const path = join(folder, request)
  const known = require.cache[path]
  if (known) return known.exports
  const script = compile(path)
  const module = new Module(path)
  module.filename = path
  module.paths = []
  require.cache[path] = module
  script.runInThisContext().call(module.exports, module.exports, load, module, path, folder)
  module.loaded = true
  return module.exports
}

function compile(path) {
  const source = `${before}${readFileSync(path, 'utf8')}\n})`
  const cachedData = readCompiled(path)
  // Places in a stack trace are those in the file: the source maps count from its beginning.
  const script = new Script(source, { filename: path, columnOffset: -before.length, ...(cachedData && { cachedData }) })
  scripts.set(path, script)
  return script
}

function readCompiled(path) {
  try {
    return readFileSync(compiledPath(path))
  } catch {
    // It is not there: most pieces have none.
    return undefined
  }
}

/** Where what V8 made of a piece lies. */
function compiledPath(path) {
  return `${path}.compiled`
}

module.exports = { load, scripts, compiledPath }
