// Bundles src/ and its packages into dist/ with esbuild (docs/decisions/0023-plain-bundle.md).
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import packageJson from '../package.json' with { type: 'json' }
import { commonChunk, lazyBuiltins, requiredBuiltins, withoutEndpointMethods } from './bundle-plugins.js'
import { thirdParty } from './third-party.js'

const root = resolve(import.meta.dirname, '..')
const { dependencies } = packageJson

/** Each program that starts from dist/, by its path there. */
const entryPoints = {
  'cli/main': 'src/cli/main.ts',
}

/** The modules that nearly every command except `--version` needs. */
const common = [
  'src/cli/start.ts',
  ...sourcesIn('src/model'),
  // Only views measure text, and only graph files have cron expressions.
  ...sourcesIn('src/lib').filter((file) => !['src/lib/text-width.ts', 'src/lib/cron.ts'].includes(file)),
  'src/report/views/pause-view.ts',
]

/** Defines `require` for the bundled CommonJS packages, because an ES module has none. */
const requireForPackages =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/** Replaces dist/ by a new build. */
export async function bundle() {
  rmSync(resolve(root, 'dist'), { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // ES modules where a package has both: a CommonJS one cannot be tree-shaken, and what it imports is wrapped into functions.
    mainFields: ['module', 'main'],
    target: 'node20',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
    // Installed beside orch: they read files of their own packages.
    external: Object.keys(dependencies),
    banner: { js: requireForPackages },
    // For Node, yaml exports only CommonJS, which cannot be tree-shaken; this path has the same code as ES modules.
    alias: { yaml: resolve(root, 'node_modules/yaml/browser/index.js') },
    plugins: [commonChunk(root, common), lazyBuiltins, requiredBuiltins, withoutEndpointMethods],
  })
  writeFileSync(resolve(root, 'dist/meta.json'), JSON.stringify(metafile))
  writeFileSync(resolve(root, 'dist/THIRD-PARTY.txt'), thirdParty(root, Object.keys(metafile.inputs)))
}

function sourcesIn(folder) {
  const files = readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`)
}
