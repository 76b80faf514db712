// Bundles src/ and its packages into dist/ with esbuild (docs/decisions/0023-plain-bundle.md).
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import packageJson from '../package.json' with { type: 'json' }
import { commonChunk, dbos, lazyBuiltins, requiredBuiltins, withoutEndpointMethods } from './bundle-plugins.js'
import { thirdParty } from './third-party.js'

const root = resolve(import.meta.dirname, '..')
const { peerDependencies } = packageJson

/** Each program that starts from dist/, by its path there. */
const entryPoints = {
  'cli/main': 'src/cli/main.ts',
  'client/index': 'src/client/index.ts',
}

/** Each program of a GitHub Action, by its path in dist/. GitHub starts it from the files of a tag, so each is one file; `post` loads `main`. */
const actions = {
  'action/main': 'src/action/main.ts',
  'action/post': 'src/action/post.ts',
  'action/dispatch': 'src/action/dispatch.ts',
  'action/handoff': 'src/action/handoff/main.ts',
}

/** The modules that nearly every command except `--version` needs. */
const common = [
  'src/cli/start.ts',
  // Only commands about events need flows.
  ...sourcesIn('src/model').filter((file) => !file.startsWith('src/model/flow/')),
  // Only views measure text, only graph files have cron expressions, and only flows and workloads run commands and read JSON of people.
  ...sourcesIn('src/lib').filter(
    (file) => !['text-width', 'cron', 'run-process', 'parse-json'].some((name) => file === `src/lib/${name}.ts`),
  ),
  'src/report/views/pause-view.ts',
]

/** Defines `require` for the bundled CommonJS packages, because an ES module has none. */
const requireForPackages =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  // ES modules where a package has both: a CommonJS one cannot be tree-shaken, and what it imports is wrapped into functions.
  mainFields: ['module', 'main'],
  target: 'node20',
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  legalComments: 'none',
  // PGlite, which reads files of its own package (docs/decisions/0040-one-package.md), and what `pg` only loads where a program asks for it.
  external: [...Object.keys(peerDependencies), 'pg-native', 'pg-cloudflare'],
  // For Node, yaml exports only CommonJS, which cannot be tree-shaken; this path has the same code as ES modules.
  alias: { yaml: resolve(root, 'node_modules/yaml/browser/index.js') },
}

/** Replaces dist/ by a new build. */
export async function bundle() {
  rmSync(resolve(root, 'dist'), { recursive: true, force: true })
  const { metafile } = await build({
    ...shared,
    entryPoints,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    metafile: true,
    banner: { js: requireForPackages },
    plugins: [commonChunk(root, common), lazyBuiltins, requiredBuiltins, withoutEndpointMethods, dbos],
  })
  // CommonJS has no splitting: the client alone, in one file.
  await build({
    ...shared,
    entryPoints: { 'client/index': entryPoints['client/index'] },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [lazyBuiltins],
  })
  const ofActions = await build({
    ...shared,
    entryPoints: actions,
    external: [...shared.external, './main.js'],
    format: 'esm',
    sourcemap: false,
    metafile: true,
    banner: { js: requireForPackages },
    plugins: [lazyBuiltins, requiredBuiltins, withoutEndpointMethods],
  })
  writeFileSync(resolve(root, 'dist/meta.json'), JSON.stringify(metafile))
  const inputs = [metafile, ofActions.metafile].flatMap((each) => Object.keys(each.inputs))
  writeFileSync(resolve(root, 'dist/THIRD-PARTY.txt'), thirdParty(root, inputs))
}

function sourcesIn(folder) {
  const files = readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`)
}
