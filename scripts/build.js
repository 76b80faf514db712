// Checks the types of src/ and bundles it to dist/ (docs/decisions/0020-one-bundle.md). Where nothing changed it takes some two seconds.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { bundle } from './bundle.js'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const files = await bundle()
rmSync('dist', { recursive: true, force: true })
mkdirSync('dist/cli', { recursive: true })
for (const [path, text] of files) writeFileSync(`dist/${path}`, text)
const compiled = spawnSync(process.execPath, ['scripts/compile-pieces.js'], { stdio: 'inherit' })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
