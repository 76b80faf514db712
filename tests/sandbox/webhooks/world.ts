import { createHmac } from 'node:crypto'

import type { SandboxOptions } from '../../../src/sandbox/sandbox.js'
import type { ApiWorld } from '../api/world.js'
import { createApiWorld } from '../api/world.js'

/** A delivery as its receiver got it. */
export interface Received {
  event: string
  action: unknown
  headers: Headers
  text: string
  payload: unknown
}

/** A sandbox whose deliveries arrive in this process. */
export interface HookWorld extends ApiWorld {
  received: Received[]
  /** Answers deliveries. Default: 204. */
  receiver: { answer: (request: Request) => Promise<Response> | Response }
  /** Waits for all deliveries and returns those of an event. */
  deliveriesOf: (event: string) => Promise<Received[]>
}

export const RECEIVER = 'http://127.0.0.1:9000/hooks'

export async function createHookWorld(options: Partial<SandboxOptions> = {}): Promise<HookWorld> {
  const received: Received[] = []
  const receiver: HookWorld['receiver'] = { answer: () => new Response(null, { status: 204 }) }
  const deliver = async (request: Request): Promise<Response> => {
    received.push(await readDelivery(request.clone()))
    return receiver.answer(request)
  }
  const world = await createApiWorld({ deliver, ...options })
  return {
    ...world,
    received,
    receiver,
    async deliveriesOf(event) {
      await world.sandbox.webhooks.idle()
      return received.filter((each) => each.event === event)
    },
  }
}

async function readDelivery(request: Request): Promise<Received> {
  const text = await request.text()
  const isForm = request.headers.get('content-type') === 'application/x-www-form-urlencoded'
  const payload = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text) as { action?: unknown }
  return {
    event: request.headers.get('x-github-event') ?? '',
    action: payload.action,
    headers: request.headers,
    text,
    payload,
  }
}

export function signature(algorithm: 'sha1' | 'sha256', secret: string, text: string): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(text).digest('hex')}`
}
