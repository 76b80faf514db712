// Checks the types of src/ and bundles it to dist/ (docs/decisions/0023-plain-bundle.md). With --unchecked it leaves the types to `npm test`.
import { spawnSync } from 'node:child_process'
import { bundle } from './bundle.js'
import { writeDatabaseTemplate } from './database-template.js'
import { tsc } from './tsc.js'

if (!process.argv.includes('--unchecked')) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

await bundle()
await writeDatabaseTemplate()
