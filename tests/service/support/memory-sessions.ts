import type { Account } from '../../../src/service/http/login/caller.js'
import { createSecret, sealSecret } from '../../../src/service/http/login/secrets.js'
import { sessionMs } from '../../../src/service/http/login/sessions.js'
import type { Sessions } from '../../../src/service/http/login/sessions.js'
import type { Clock } from '../../../src/ports/clock.js'

/** Sessions without a database, which end by a clock of the test. */
export function createMemorySessions(clock: Pick<Clock, 'now'>): Sessions {
  const sessions = new Map<string, { caller: Account; expiresAt: number }>()
  return {
    create: (caller) => {
      const id = createSecret()
      sessions.set(id, { caller, expiresAt: clock.now() + sessionMs })
      return Promise.resolve({ id })
    },
    read: (id) => {
      const session = sessions.get(id)
      if (!session || session.expiresAt <= clock.now()) return Promise.resolve(null)
      return Promise.resolve({ caller: session.caller, formToken: sealSecret(id, 'form') })
    },
    remove: (id) => Promise.resolve(void sessions.delete(id)),
  }
}
