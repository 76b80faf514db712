// What is written to dist/: the command and its packages in pieces that are loaded when they are used, as CommonJS, for a start of ES modules
// takes some milliseconds more (docs/decisions/0020-one-bundle.md).
import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { build, transform } from 'esbuild'
import { thirdParty } from './third-party.js'

const root = resolve(import.meta.dirname, '..')
const common = { platform: 'node', target: 'node20', sourcesContent: false, logLevel: 'warning' }

const moduleUrl = `const moduleUrl = require('node:url').pathToFileURL(__filename).href`

/** The files of dist/ by their paths there. */
export async function bundle() {
  const { pieces, metafile } = await split()
  const files = new Map()
  for (const { path, text } of pieces) {
    const name = basename(path)
    const { code, map } = await toCommonJs(name, text)
    files.set(`cli/${name}`, `${code}//# sourceMappingURL=${name}.map\n`)
    files.set(`cli/${name}.map`, map)
  }
  files.set('package.json', '{ "type": "commonjs" }\n')
  files.set('meta.json', JSON.stringify(piecesOf(metafile, files)))
  files.set('THIRD-PARTY.txt', thirdParty(root, Object.keys(metafile.inputs)))
  return files
}

/** Parts of Node that take milliseconds to load, and that most commands never come to use: each is loaded at the first use of it. */
const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(child_process|crypto)$/ }, ({ path, namespace, kind }) =>
      namespace === 'lazy' || kind === 'dynamic-import'
        ? undefined
        : { path: path.replace(/^(?!node:)/u, 'node:'), namespace: 'lazy' },
    )
    onLoad({ filter: /^/, namespace: 'lazy' }, ({ path }) => ({ contents: lazyModule(path) }))
  },
}

function lazyModule(path) {
  const names = JSON.stringify(Object.keys(createRequire(import.meta.url)(path)))
  const getter = `{ enumerable: true, get: () => require('${path}')[name] }`
  return `for (const name of ${names}) Object.defineProperty(exports, name, ${getter})`
}

/** One piece for what is loaded at once, and one for each `import()`; esbuild splits ES modules only. */
async function split() {
  const { outputFiles, metafile } = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    outdir: 'dist/cli',
    // Flat: src/cli/package-root.ts and src/sandbox/seed.ts count folders upwards from where they are.
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    sourcemap: 'inline',
    metafile: true,
    write: false,
    plugins: [lazyBuiltins],
    // For Node, yaml has CommonJS only, of which nothing can be left out; this is the same code as ES modules.
    alias: { yaml: resolve(root, 'node_modules/yaml/browser/index.js') },
  })
  return { pieces: outputFiles, metafile }
}

async function toCommonJs(name, text) {
  const { code, map } = await transform(text, {
    ...common,
    minify: true,
    format: 'cjs',
    sourcefile: name,
    sourcemap: 'external',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: text.includes('import.meta.url') ? moduleUrl : '',
  })
  return { code, map }
}

/** What each piece is made of, in bytes of `files`, and what it loads at once (`imports`) or when it is used (`later`). */
function piecesOf({ outputs }, files) {
  const ours = (imports, kind) => imports.filter((each) => each.kind === kind && !each.external)
  const namesOf = (imports, kind) => ours(imports, kind).map(({ path }) => basename(path))
  const pieces = Object.entries(outputs).map(([path, { inputs, imports }]) => {
    const name = basename(path)
    const loads = { imports: namesOf(imports, 'import-statement'), later: namesOf(imports, 'dynamic-import') }
    return [name, { bytes: Buffer.byteLength(files.get(`cli/${name}`)), inputs: Object.keys(inputs), ...loads }]
  })
  return Object.fromEntries(pieces)
}
