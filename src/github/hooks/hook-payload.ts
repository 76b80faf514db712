import type { HookDelivery } from '../../ports/host/hooks.js'
import { count, field, knownTime, text, textOrNull } from '../api/fields.js'

/** An element of GET /repos/{owner}/{repo}/hooks and GET /orgs/{org}/hooks. */
export function toHook(payload: unknown): { id: number; url: string } {
  return { id: count(payload, 'id'), url: textOrNull(field(payload, 'config'), 'url') ?? '' }
}

/** GET /app/hook/config: an App without a webhook has no address. */
export function toHookAddress(payload: unknown): string | null {
  return textOrNull(payload, 'url')
}

/** An element of GET …/deliveries. */
export function toHookDelivery(payload: unknown): HookDelivery {
  return {
    id: count(payload, 'id'),
    guid: text(payload, 'guid'),
    event: text(payload, 'event'),
    deliveredAt: knownTime(payload, 'delivered_at'),
    statusCode: count(payload, 'status_code'),
  }
}

/** GET …/deliveries/{delivery_id} */
export function toDeliveredPayload(payload: unknown): object | null {
  const content = field(field(payload, 'request'), 'payload')
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? content : null
}
