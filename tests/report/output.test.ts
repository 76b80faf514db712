import { describe, expect, it } from 'vitest'
import { recordOutput } from './support/recording.js'

function errorOf(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

describe('an output', () => {
  it('ends in silence when its reader leaves', async () => {
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

  it('tells once of an error that is not a reader who left', async () => {
    const { output, stream, errors } = recordOutput()
    stream.failure = errorOf('ENOSPC')
    output.write('one\n')
    output.write('two\n')
    await output.flush()
    expect(errors.map(({ message }) => message)).toEqual(['ENOSPC'])
  })

  it('survives a stream that was destroyed', async () => {
    const { output, stream, errors } = recordOutput()
    stream.destroy()
    output.write('one\n')
    await output.flush()
    expect(stream.text).toBe('')
    expect(errors).toEqual([])
  })
})
