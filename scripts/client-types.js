// Writes types/client.d.ts and types/client.d.cts, the types of `orch/client`, from src/client/index.ts: `npm run build:types`.
import { copyFileSync, mkdirSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const types = resolve(root, 'types')
const generator = resolve(root, 'node_modules/dts-bundle-generator/dist/bin/dts-bundle-generator.js')

mkdirSync(types, { recursive: true })
// `npm run check:types` has checked what is generated here.
const args = [
  generator,
  '--silent',
  '--no-check',
  '--no-banner',
  '-o',
  resolve(types, 'client.d.ts'),
  'src/client/index.ts',
]
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
// A CommonJS program needs types of its own kind.
copyFileSync(resolve(types, 'client.d.ts'), resolve(types, 'client.d.cts'))
