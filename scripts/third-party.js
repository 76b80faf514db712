// The licences of the bundled packages: most require that their text accompanies every copy.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `inputs` are paths of bundled files below `root`. Throws if a package has no licence, because it must not be distributed. */
export function thirdParty(root, inputs) {
  const folders = new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(path) ?? []))
  const parts = [...folders].sort().map((folder) => describe(join(root, folder)))
  return `orch contains code of these packages.\n\n${parts.join('\n')}`
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (typeof license !== 'string') throw new Error(`${name} names no licence`)
  const file = readdirSync(folder).find((each) => /^licen[cs]e/iu.test(each))
  const text =
    file === undefined
      ? `It comes without a licence text; its package.json says ${license}.`
      : readFileSync(join(folder, file), 'utf8').trim()
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`
}
