import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** The unit of a tar archive, bytes: a header is one block, and the content of a file fills whole ones. */
const blockSize = 512

/** Where the fields of a header are, [from, to). */
const fields = { name: [0, 100], size: [124, 136], type: [156, 157] } as const

/** Unpacks the files and folders of a compressed tar archive, readable by their owner only. */
export async function unpackArchive(archive: Buffer, directory: string): Promise<void> {
  const tar = await promisify(gunzip)(archive)
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const field = (name: keyof typeof fields): string => textIn(tar, at + fields[name][0], at + fields[name][1])
    const path = join(directory, field('name'))
    const size = Number.parseInt(field('size'), 8)
    const start = at + blockSize
    if (field('type') === '5') await mkdir(path, { recursive: true, mode: 0o700 })
    else await writeFile(path, tar.subarray(start, start + size), { mode: 0o600 })
    at = start + Math.ceil(size / blockSize) * blockSize
  }
}

function textIn(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to).split('\0')[0] ?? ''
}
