import { describe, expect, test } from 'vitest'
import { contextNameProblem, contextProblem } from '../../../../src/model/flow/context-file.js'
import type { ContextFile } from '../../../../src/model/flow/context-file.js'

const mib = 1024 * 1024
const file = (name: string, sizeBytes = 1): ContextFile => ({ name, content: 'x'.repeat(sizeBytes) })

describe('the name of a context file', () => {
  test.each([
    'notes.md',
    '.hidden',
    'release notes (final).txt',
    'ünïcode-名前.txt',
    'trigger-context',
    'console.log',
    'com10',
    'a'.repeat(255),
  ])('%j is accepted', (name) => {
    expect(contextNameProblem(name)).toBeNull()
  })

  test.each([
    ['', 'it is empty'],
    ['.', 'it names a folder'],
    ['..', 'it names a folder'],
    ['...', 'it ends with a full stop or a space'],
    ['../x', 'it contains a path separator'],
    ['a/b', 'it contains a path separator'],
    ['/etc/passwd', 'it contains a path separator'],
    ['a\\b', 'it contains a path separator'],
    ['C:x', 'it contains one of < > : " | ? *'],
    ['what?', 'it contains one of < > : " | ? *'],
    ['a\0b', 'it contains a control character'],
    ['a\nb', 'it contains a control character'],
    ['a\u202eb', 'it contains a control character'],
    ['a\ud800', 'it contains a control character'],
    ['name.', 'it ends with a full stop or a space'],
    ['name ', 'it ends with a full stop or a space'],
    ['nul', 'it is the name of a device'],
    ['CON', 'it is the name of a device'],
    ['Com1.txt', 'it is the name of a device'],
    ['LPT9.tar.gz', 'it is the name of a device'],
    ['a'.repeat(256), 'it is longer than 255 bytes'],
    ['ä'.repeat(128), 'it is longer than 255 bytes'],
  ])('%j is refused', (name, problem) => {
    expect(contextNameProblem(name)).toBe(problem)
  })
})

describe('the context files of an event', () => {
  test('of 1 MiB each and 10 MiB in all are accepted', () => {
    expect(contextProblem(Array.from({ length: 10 }, (_, index) => file(`${index}`, mib)))).toBeNull()
  })

  test.each([
    ['a name that is not valid', [file('a'), file('../b')], 'context.files[1].name', '"../b" is not a valid name'],
    ['a name that is given twice', [file('a'), file('a')], 'context.files[1].name', 'is given twice'],
    ['names that differ in case alone', [file('A.txt'), file('a.TXT')], 'context.files[1].name', 'is given twice'],
    ['names that differ in the form of an accent', [file('\u00e9'), file('e\u0301')], 'context.files[1].name', 'twice'],
    ['binary content', [{ name: 'a', content: 'x\0' }], 'context.files[0].content', 'is binary'],
    ['a file over 1 MiB', [file('a', mib + 1)], 'context.files[0].content', 'is larger than 1 MiB'],
    [
      'a file over 1 MiB as UTF-8',
      [{ name: 'a', content: '€'.repeat(mib / 2) }],
      'context.files[0].content',
      'is larger than 1 MiB',
    ],
    [
      'more than 10 MiB in all',
      [...Array.from({ length: 10 }, (_, index) => file(`${index}`, mib)), file('last')],
      'context.files',
      'are larger than 10 MiB together',
    ],
  ])('are refused for %s', (_sentence, files, field, problem) => {
    expect(contextProblem(files)).toEqual({ field, problem: expect.stringContaining(problem) as string })
  })
})
