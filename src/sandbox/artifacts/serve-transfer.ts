import type { Artifact } from '../state/artifact.js'
import type { World } from '../world.js'
import { artifactsOf } from './artifacts.js'
import type { Upload } from './transfers.js'
import { MAX_ARTIFACT_BYTES } from './transfers.js'

/** Answers an upload or a download of the content of an artifact, in the form of Azure Blob Storage, which GitHub uses. */
export async function serveTransfer(world: World, request: Request, path: string): Promise<Response> {
  const upload = request.method === 'PUT' ? world.transfers.uploadAt(path) : undefined
  if (upload !== undefined) return receive(world, upload, request)
  const artifactId = request.method === 'GET' ? world.transfers.downloadAt(path) : undefined
  const artifact = artifactId === undefined ? undefined : findArtifact(world, artifactId)
  const content = artifact === undefined ? null : world.artifactContents.read(artifact.id)
  if (artifact === undefined || content === null)
    return refused(403, 'AuthenticationFailed', 'The address is not valid.')
  return new Response(content, { headers: { 'content-type': artifact.mimeType, ...dispositionOf(artifact) } })
}

function findArtifact(world: World, id: number): Artifact | undefined {
  for (const run of world.directory.state.runs.values()) {
    const found = artifactsOf(run).find((artifact) => artifact.id === id)
    if (found !== undefined) return found
  }
  return undefined
}

function dispositionOf({ name, mimeType }: Artifact): { 'content-disposition': string } {
  const file = mimeType === 'application/zip' ? `${name}.zip` : name
  const plain = file.replaceAll(/[^\w.-]/gu, '_')
  return { 'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(file)}` }
}

/** Takes a whole blob, a block of it (`comp=block`), or the list of its blocks (`comp=blocklist`). */
async function receive(world: World, upload: Upload, request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const body = new Uint8Array(await request.arrayBuffer())
  const part = searchParams.get('comp')
  switch (part) {
    case null:
      if (!upload.addBlock('', body)) return tooLarge()
      upload.commit([''])
      return stored(world)
    case 'block': {
      const id = searchParams.get('blockid')
      if (id === null || id === '') return refused(400, 'InvalidQueryParameterValue', 'The block has no ID.')
      return upload.addBlock(id, body) ? stored(world) : tooLarge()
    }
    case 'blocklist': {
      const list = Buffer.from(body).toString('utf8')
      const ids = Array.from(list.matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]*)</gu), ([, id = '']) => id)
      return upload.commit(ids) ? stored(world) : refused(400, 'InvalidBlockList', 'The list names an unknown block.')
    }
    default:
      return refused(400, 'InvalidQueryParameterValue', `The sandbox does not know comp=${part}.`)
  }
}

function stored(world: World): Response {
  const date = new Date(world.clock.now()).toUTCString()
  const headers = { etag: '"0x1"', 'last-modified': date, 'x-ms-version': '2021-12-02', date }
  return new Response(null, { status: 201, headers })
}

function tooLarge(): Response {
  return refused(413, 'RequestBodyTooLarge', `The sandbox keeps artifacts of at most ${MAX_ARTIFACT_BYTES} bytes.`)
}

function refused(status: number, code: string, message: string): Response {
  const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`
  return new Response(text, { status, headers: { 'content-type': 'application/xml', 'x-ms-error-code': code } })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
