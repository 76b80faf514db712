import type { Answer } from '../../http/answer.js'
import { failure, json, notFound } from '../../http/answer.js'
import type { Call } from '../../http/call.js'
import { readPage } from '../../http/pagination.js'
import { presentDelivery, presentDeliveryItem } from '../../present/hook.js'
import type { Hook, HookDelivery } from '../../state/hook.js'

const CURSOR = /^v1_(\d+)$/

/** Lists the deliveries of a hook, newest first. A cursor holds the ID of the last delivery of the page before. */
export function listDeliveries(call: Call, hook: Hook): Answer {
  const { query, world } = call
  const status = query.get('status')
  if (status !== null && status !== 'success' && status !== 'failure') {
    return failure(422, `Invalid request.\n\nstatus: ${status} is not a member of [success, failure].`)
  }
  const cursor = query.get('cursor')
  const [, last] = CURSOR.exec(cursor ?? '') ?? []
  if (cursor !== null && last === undefined) return failure(400, 'Invalid cursor')
  const before = last === undefined ? Infinity : Number(last)
  const deliveries = world.webhooks
    .deliveriesOf(hook)
    .filter((delivery) => delivery.id < before && (status === null || status === outcomeOf(delivery)))
    .sort((a, b) => b.id - a.id)
  const { perPage } = readPage(query)
  const page = deliveries.slice(0, perPage)
  const end = page.at(-1)
  const body = page.map(presentDeliveryItem)
  if (end === undefined || deliveries.length === page.length) return json(body)
  const next = new URL(call.url)
  next.searchParams.set('cursor', `v1_${end.id}`)
  return { status: 200, body, headers: { link: `<${next.href}>; rel="next"` } }
}

function outcomeOf({ statusCode }: HookDelivery): 'success' | 'failure' {
  return statusCode >= 200 && statusCode < 400 ? 'success' : 'failure'
}

export function getDelivery(call: Call, hook: Hook): Answer {
  const delivery = findDelivery(call, hook)
  return delivery === undefined ? notFound() : json(presentDelivery(delivery))
}

export function redeliver(call: Call, hook: Hook): Answer {
  const delivery = findDelivery(call, hook)
  if (delivery === undefined) return notFound()
  call.world.webhooks.redeliver(hook, delivery)
  return json({}, 202)
}

function findDelivery({ world, params }: Call, hook: Hook): HookDelivery | undefined {
  return world.webhooks.deliveriesOf(hook).find(({ id }) => id === Number(params.delivery_id))
}
