/** Calls `beforeSend` when the limiter releases a request, and keeps its result for the caller. */
export interface SendGate {
  /** Whether the request may leave now. Called for every sending, also for a repeated one. Never rejects. */
  pass: () => Promise<boolean>
  /** `open`: at least one request left. `broken`: `beforeSend` rejected with `error`. */
  state: () => SendGateState
  /** Called before each sending that `retry.ts` makes. */
  renew: () => void
}

export type SendGateState = { kind: 'unasked' | 'open' | 'withheld' } | { kind: 'broken'; error: unknown }

export function createSendGate(beforeSend: () => Promise<boolean>): SendGate {
  let state: SendGateState = { kind: 'unasked' }
  const ask = async (): Promise<boolean> => {
    try {
      const leave = await beforeSend()
      // A request that left once stays sent, even if its repetition is withheld.
      if (state.kind !== 'open') state = { kind: leave ? 'open' : 'withheld' }
      return leave
    } catch (error) {
      state = { kind: 'broken', error }
      return false
    }
  }
  return { pass: ask, state: () => state, renew: () => undefined }
}

/** A gate that lets one request through each time it is renewed, even if a layer below sends again (law 2). */
export function createSingleSendGate(beforeSend: () => Promise<boolean>): SendGate {
  const gate = createSendGate(beforeSend)
  let isAsked = false
  return {
    state: gate.state,
    renew: () => {
      isAsked = false
    },
    pass: () => {
      if (isAsked) return Promise.resolve(false)
      isAsked = true
      return gate.pass()
    },
  }
}
