import { DockerfileParser } from 'dockerfile-ast'
import type { Dockerfile, From } from 'dockerfile-ast'
import type { Mention } from './manifest.js'
import { imageName, manifestOf } from './manifest.js'
import type { ManifestReader } from './manifest.js'

/** A Dockerfile: the images that its stages start from. */
export const readDockerfile: ManifestReader = (text) => {
  const dockerfile = DockerfileParser.parse(text)
  const stages = new Set(dockerfile.getFROMs().map((from) => from.getBuildStage()?.toLowerCase()))
  const mentions = dockerfile.getFROMs().flatMap((from): Mention[] => {
    const image = resolvedImage(dockerfile, from)
    if (image === '' || stages.has(image.toLowerCase())) return []
    return [{ kind: 'image', name: imageName(image), text: image, line: from.getRange().start.line + 1 }]
  })
  return manifestOf({ mentions })
}

/** The image, with the defaults of the arguments that it names. */
function resolvedImage(dockerfile: Dockerfile, from: From): string {
  const { line } = from.getRange().start
  return from
    .getVariables()
    .reduce((image, variable) => {
      const value = dockerfile.resolveVariable(variable.getName(), line) ?? variable.getSubstitutionParameter() ?? ''
      return image.replace(variable.toString(), value)
    }, from.getImage() ?? '')
    .trim()
}
