// What is written to dist/: the command and its packages in pieces that are loaded when they are used, as CommonJS, for a start of ES modules
// takes some milliseconds more (docs/decisions/0020-one-bundle.md).
import { Buffer } from 'node:buffer'
import { basename, resolve } from 'node:path'
import { build } from 'esbuild'
import { filesOf } from './files-of-pieces.js'
import { endpointMethods, endpointMethodsSource, lazyModules } from './lazy-modules.js'
import { thirdParty } from './third-party.js'

const root = resolve(import.meta.dirname, '..')
const folder = resolve(root, 'dist/cli')
const main = 'main.js'
const common = { bundle: true, platform: 'node', target: 'node20', sourcesContent: false, logLevel: 'warning' }

const moduleUrl = `const moduleUrl = require('node:url').pathToFileURL(__filename).href`

/** The files of dist/ by their paths there. */
export async function bundle() {
  const { pieces, metafile } = await split()
  const fileOf = filesOf(pieces, main)
  const texts = new Map(pieces.map(({ name, text }) => [name, text]))
  const files = new Map()
  for (const name of new Set(fileOf.values())) {
    const { code, map } = await toCommonJs(name, texts, fileOf)
    files.set(`cli/${name}`, `${code}//# sourceMappingURL=${name}.map\n`)
    files.set(`cli/${name}.map`, map)
  }
  files.set('package.json', '{ "type": "commonjs" }\n')
  files.set('meta.json', JSON.stringify(describe(pieces, fileOf, files)))
  files.set('THIRD-PARTY.txt', thirdParty(root, Object.keys(metafile.inputs)))
  return files
}

/** One piece for what is loaded at once, one for each `import()`, and what several of these share; esbuild splits ES modules only. */
async function split() {
  const { outputFiles, metafile } = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts', [endpointMethods]: endpointMethodsSource },
    outdir: 'dist/cli',
    // Flat: src/cli/package-root.ts and src/sandbox/seed.ts count folders upwards from where they are.
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    format: 'esm',
    sourcemap: 'inline',
    metafile: true,
    write: false,
    plugins: [lazyModules],
    // For Node, yaml has CommonJS only, of which nothing can be left out; this is the same code as ES modules.
    alias: { yaml: resolve(root, 'node_modules/yaml/browser/index.js') },
  })
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]))
  const pieces = Object.entries(metafile.outputs).map(([path, { inputs, imports }]) => {
    const name = basename(path)
    const ours = (kind) => imports.filter((each) => each.kind === kind && !each.external)
    const namesOf = (kind) => ours(kind).map((each) => basename(each.path))
    const loads = { imports: namesOf('import-statement'), later: namesOf('dynamic-import') }
    const size = Object.values(inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0)
    return { name, text: texts.get(name), size, inputs: Object.keys(inputs), ...loads }
  })
  return { pieces, metafile }
}

/** The file of a piece, with those in it that share it: they are exported by their names, as whole modules. */
async function toCommonJs(name, texts, fileOf) {
  const own = [...fileOf].filter(([, file]) => file === name).map(([piece]) => piece)
  const guests = own.filter((piece) => piece !== name)
  const contents = [`export * from './${name}'`, ...guests.map((each) => `export * as '${each}' from './${each}'`)]
  const { outputFiles } = await build({
    ...common,
    stdin: { contents: contents.join('\n'), resolveDir: folder, sourcefile: 'exports' },
    outfile: resolve(folder, name),
    minify: true,
    format: 'cjs',
    sourcemap: 'external',
    write: false,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: own.some((piece) => texts.get(piece).includes('import.meta.url')) ? { js: moduleUrl } : {},
    plugins: [piecesFrom(texts, fileOf, name)],
  })
  const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text
  return { code: textOf('.js'), map: textOf('.map') }
}

/** Pieces of this file come from memory, a file of another is left to be loaded, and a guest there is taken out of it. */
function piecesFrom(texts, fileOf, file) {
  return {
    name: 'pieces',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\// }, ({ path }) => {
        const name = basename(path)
        const host = fileOf.get(name)
        if (host === undefined || (host === name && host !== file)) return { path, external: true }
        return host === file ? { path: resolve(folder, name) } : { path: name, namespace: 'guest' }
      })
      onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => ({ contents: texts.get(basename(path)) }))
      onLoad({ filter: /^/, namespace: 'guest' }, ({ path }) => ({
        contents: `module.exports = require('./${fileOf.get(path)}')['${path}']`,
        resolveDir: folder,
      }))
    },
  }
}

/** What each file is made of, and what it loads at once (`imports`) or when it is used (`later`), by its name. */
function describe(pieces, fileOf, files) {
  const described = {}
  for (const file of new Set(fileOf.values())) {
    const own = pieces.filter(({ name }) => fileOf.get(name) === file)
    const filesIn = (key) => [...new Set(own.flatMap((piece) => piece[key]).map((name) => fileOf.get(name)))]
    const bytes = Buffer.byteLength(files.get(`cli/${file}`))
    const imports = filesIn('imports').filter((name) => name !== file)
    described[file] = { bytes, inputs: own.flatMap(({ inputs }) => inputs), imports, later: filesIn('later') }
  }
  return described
}
