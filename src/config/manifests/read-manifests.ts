import { readCargoToml } from './cargo-toml.js'
import { readDockerfile } from './dockerfile.js'
import { readGitmodules } from './gitmodules.js'
import { readGoMod } from './go-mod.js'
import { readGradleBuild, readGradleSettings } from './gradle.js'
import { notReadable } from './manifest.js'
import type { ManifestReader, ManifestReading } from './manifest.js'
import { readPackageJson } from './package-json.js'
import { readPom } from './pom.js'
import { readPyproject } from './pyproject.js'
import { readRequirements } from './requirements.js'
import { readWorkflowUses } from './workflow-uses.js'

/** The files that are read, by their paths in a repository. The first match counts. */
const readers: readonly [RegExp, ManifestReader][] = [
  [/^package\.json$/u, readPackageJson],
  [/^pom\.xml$/u, readPom],
  [/^build\.gradle(?:\.kts)?$/u, readGradleBuild],
  [/^settings\.gradle(?:\.kts)?$/u, readGradleSettings],
  [/^go\.mod$/u, readGoMod],
  [/^Cargo\.toml$/u, readCargoToml],
  [/^requirements[\w.-]*\.txt$/u, readRequirements],
  [/^pyproject\.toml$/u, readPyproject],
  [/^\.gitmodules$/u, readGitmodules],
  [/^(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|^[\w.-]+\.Dockerfile$/iu, readDockerfile],
  [/^\.github\/workflows\/[^/]+\.ya?ml$/u, readWorkflowUses],
]

/** Whether the file at this path can name other repositories. */
export function isManifest(path: string): boolean {
  return readers.some(([pattern]) => pattern.test(path))
}

/** What each file says; files that are not manifests are left out. */
export function readManifests(files: ReadonlyMap<string, string>): { file: string; reading: ManifestReading }[] {
  return [...files].flatMap(([file, text]) => {
    const reader = readers.find(([pattern]) => pattern.test(file))?.[1]
    return reader ? [{ file, reading: readSafely(reader, normalized(text), (path) => files.get(path)) }] : []
  })
}

/** The parsers of some formats call themselves for each level of a text. */
function readSafely(reader: ManifestReader, ...[text, sibling]: Parameters<ManifestReader>): ManifestReading {
  try {
    return reader(text, sibling)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return notReadable('it is nested too deeply')
  }
}

/** Offsets and lines of the readers count `\n` only. */
function normalized(text: string): string {
  return text.replace(/^\ufeff/u, '').replaceAll(/\r\n?/gu, '\n')
}
