import { ZipFile } from 'yazl'
import { describe, expect, test } from 'vitest'
import { readArchive } from '../../../src/action/handoff/read-archive.js'

interface Entry {
  name: string
  content?: string | Buffer
  /** Unix mode of the entry. */
  mode?: number
}

async function zip(...entries: Entry[]): Promise<Buffer> {
  const archive = new ZipFile()
  for (const { name, content = 'x', mode = 0o100644 } of entries)
    archive.addBuffer(Buffer.from(content), name, { mode })
  archive.end()
  const chunks: Buffer[] = []
  for await (const chunk of archive.outputStream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A zip file with names that a library refuses to write: the placeholder is replaced by one of the same length. */
async function renamed(placeholder: string, name: string): Promise<Buffer> {
  const content = await zip({ name: placeholder })
  return Buffer.from(content.toString('latin1').replaceAll(placeholder, name), 'latin1')
}

async function problemOf(content: Uint8Array): Promise<string> {
  const read = await readArchive(content)
  return read.ok ? `none: ${read.value.map(({ name }) => name).join(', ')}` : read.problem
}

describe('reading an artifact', () => {
  test('returns the names and texts of its files', async () => {
    const read = await readArchive(await zip({ name: 'a.txt', content: 'grün\n' }, { name: 'payload', content: '' }))
    expect(read).toEqual({
      ok: true,
      value: [
        { name: 'a.txt', content: 'grün\n' },
        { name: 'payload', content: '' },
      ],
    })
  })

  test.each<[string, string, string, string]>([
    ['leads out of the folder', '__/evil', '../evil', 'invalid relative path'],
    ['is absolute', '_etc/x', '/etc/x', 'absolute path'],
    ['has a backslash', 'a_b', String.raw`a\b`, 'invalid characters in fileName'],
    ['has a drive', 'C_x', 'C:x', 'absolute path'],
    ['has a control character', 'a_b', 'a\u0001b', 'it contains a control character'],
    ['is that of a device', 'xxx', 'NUL', 'it is the name of a device'],
  ])('a name that %s is refused', async (_, placeholder, name, problem) => {
    expect(await problemOf(await renamed(placeholder, name))).toContain(problem)
  })

  test.each<[string, Entry[], string]>([
    ['a folder', [{ name: 'a/b.txt' }], 'it contains a path separator'],
    ['a link', [{ name: 'a', content: '/etc/passwd', mode: 0o120777 }], 'the context file "a" is a link'],
    ['a device', [{ name: 'a', mode: 0o020644 }], 'the context file "a" is a link, a folder or a device'],
    ['a name twice', [{ name: 'A' }, { name: 'a' }], 'the context file "a" is given twice'],
    ['bytes that are not UTF-8', [{ name: 'a', content: Buffer.from([0xff, 0xfe]) }], 'the context file "a" is binary'],
    ['a NUL', [{ name: 'a', content: 'a\0b' }], 'the context file "a" is binary'],
    [
      'a large file',
      [{ name: 'a', content: 'x'.repeat(1024 * 1024 + 1) }],
      'the context file "a" is larger than 1 MiB',
    ],
    [
      'many files',
      Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, content: 'x'.repeat(1024 * 1024) })),
      'the context files are larger than 10 MiB together',
    ],
  ])('%s is refused', async (_, entries, problem) => {
    expect(await problemOf(await zip(...entries))).toContain(problem)
  })

  test('a file that expands to more than it says is refused before it is read to its end', async () => {
    const content = await zip({ name: 'a', content: 'x'.repeat(1024 * 1024) })
    const at = content.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'))
    // The uncompressed size in the central directory.
    content.writeUInt32LE(10, at + 24)
    expect(await problemOf(content)).toContain('it is not a valid zip file')
  })

  test('what is no zip file, or only a part of one, is refused', async () => {
    const content = await zip({ name: 'a' })
    for (const broken of [Buffer.from('hello'), Buffer.alloc(0), content.subarray(0, -30), content.subarray(20)]) {
      expect(await problemOf(broken)).toContain('it is not a valid zip file')
    }
  })
})
