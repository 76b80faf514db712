import { describe, expect, it } from 'vitest'
import { recordOutput } from './support/recording.js'

function errorOf(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

describe('an output', () => {
  it('an output reports no error when its reader is gone', async () => {
    const { output, stream, errors } = recordOutput()
    output.write('one\n')
    stream.failure = errorOf('EPIPE')
    output.write('two\n')
    await output.flush()
    output.write('three\n')
    await output.flush()
    expect(stream.text).toBe('one\n')
    expect(errors).toEqual([])
  })

  it('an output reports once an error with another cause than a reader who is gone', async () => {
    const { output, stream, errors } = recordOutput()
    stream.failure = errorOf('ENOSPC')
    output.write('one\n')
    output.write('two\n')
    await output.flush()
    expect(errors.map(({ message }) => message)).toEqual(['ENOSPC'])
  })

  it('an output survives a destroyed stream', async () => {
    const { output, stream, errors } = recordOutput()
    stream.destroy()
    output.write('one\n')
    await output.flush()
    expect(stream.text).toBe('')
    expect(errors).toEqual([])
  })
})
