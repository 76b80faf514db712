import type pg from 'pg'

/** The listeners of one process, on one connection. */
export interface Listener {
  /** Rejects when the database cannot be reached. Returns a function that removes the listener. */
  add(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

type OnMessage = (payload: string) => void

const longestPauseMs = 10_000
/** How often the connection is checked: one whose server has vanished shows no error by itself. */
const checkMs = 20_000

/**
 * Keeps one connection that listens. When it is lost, another is opened with growing pauses; messages in between are lost, which is why
 * they are hints.
 */
export function createListener(connect: () => pg.Client): Listener {
  const listeners = new Map<string, Set<OnMessage>>()
  let client: Promise<pg.Client> | null = null
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let pauseMs = 100

  const open = async (): Promise<pg.Client> => {
    const fresh = connect()
    fresh.on('notification', ({ channel, payload }) => {
      for (const each of listeners.get(channel) ?? []) each(payload ?? '')
    })
    await fresh.connect()
    try {
      for (const channel of listeners.keys()) await fresh.query(`LISTEN ${fresh.escapeIdentifier(channel)}`)
    } catch (error) {
      await fresh.end()
      throw error
    }
    pauseMs = 100
    fresh.once('end', () => reopenLater())
    schedule(checkMs, () => void check(fresh))
    return fresh
  }

  const schedule = (ms: number, step: () => void): void => {
    clearTimeout(timer)
    timer = setTimeout(step, ms).unref()
  }

  const check = async (current: pg.Client): Promise<void> => {
    try {
      await current.query('SELECT 1')
      schedule(checkMs, () => void check(current))
    } catch {
      // Its end opens another.
      await current.end()
    }
  }

  const reopenLater = (): void => {
    client = null
    if (isClosed || listeners.size === 0) return
    schedule(pauseMs, () => {
      client = open()
      client.catch(reopenLater)
    })
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }

  const current = async (): Promise<pg.Client> => {
    client ??= open()
    try {
      return await client
    } catch (error) {
      client = null
      throw error
    }
  }

  return {
    add: async (channel, onMessage) => {
      const isFirst = !listeners.has(channel)
      const ofChannel = listeners.get(channel) ?? new Set<OnMessage>()
      // A copy, so that the same function may be added twice.
      const added: OnMessage = (payload) => onMessage(payload)
      listeners.set(channel, ofChannel.add(added))
      const isOpen = client !== null
      try {
        const connection = await current()
        if (isFirst && isOpen) await connection.query(`LISTEN ${connection.escapeIdentifier(channel)}`)
      } catch (error) {
        ofChannel.delete(added)
        throw error
      }
      return () => Promise.resolve(void ofChannel.delete(added))
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      const last = await client?.catch(() => null)
      await last?.end()
    },
  }
}
