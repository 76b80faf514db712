// Checks the types of src/ and bundles it to dist/ (docs/decisions/0023-plain-bundle.md).
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { bundle } from './bundle.js'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

await bundle()
