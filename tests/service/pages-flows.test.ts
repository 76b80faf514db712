import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HttpApp } from '../../src/service/http/http-app.js'
import { openFlowFolder } from '../support/flow-folder.js'
import type { FlowFolder } from '../support/flow-folder.js'
import { ask, asAdministrator, asBrowser, PagesWorld } from './pages-world.js'
import { fillFlows, flowFiles, hostileEvent } from './support/flow-pages.js'
import { createLocalFlowService } from './support/local-flow-service.js'
import { loggedIn } from './support/page-browser.js'
import type { Browser } from './support/page-browser.js'

let folder: FlowFolder
let world: PagesWorld
let app: HttpApp
let browser: Browser

const hostilePath = `/events/${encodeURIComponent(hostileEvent)}`

beforeEach(async () => {
  folder = await openFlowFolder(flowFiles)
  world = new PagesWorld()
  world.flows = createLocalFlowService(folder.directory)
  await fillFlows(world.flows)
  app = world.app()
  browser = await loggedIn(world)
})

afterEach(async () => {
  app.close()
  await folder[Symbol.asyncDispose]()
})

async function pageOf(path: string): Promise<string> {
  const response = await browser.open(path)
  const page = await response.text()
  expect({ status: response.status, type: response.headers.get('content-type'), page }).toMatchObject({
    status: 200,
    type: 'text/html; charset=UTF-8',
  })
  return page
}

/** What a reader sees of a page, without its markup. */
function textOf(page: string): string {
  return page
    .replaceAll(/<[^>]*>/gu, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/gu, ' ')
}

async function submit(path: string): Promise<{ status: number; location: string | null }> {
  const response = await browser.submit(path, { 'form-token': await browser.formToken() })
  return { status: response.status, location: response.headers.get('location') }
}

describe('the pages of events, flows and runs', () => {
  test('each address is a page for a browser and JSON for a program', async () => {
    for (const path of ['/events', hostilePath, '/flows', '/runs', '/runs/run-failed']) {
      expect(await pageOf(path)).toMatch(/^<!doctype html>\n<html lang="en">/u)
      for (const accept of ['*/*', 'application/json']) {
        const document = await ask(app, path, { headers: { ...asAdministrator, accept } })
        expect([path, document.headers.get('content-type')]).toEqual([path, 'application/json'])
      }
    }
  })

  test('the navigation leads to each of them and marks the one that is open', async () => {
    const page = await pageOf('/runs/run-failed')
    for (const path of ['/events', '/flows']) expect(page).toContain(`<a href="${path}">`)
    expect(page).toContain('<a href="/runs" aria-current="page">Runs</a>')
  })

  test('no page has markup or a link target that came from outside', async () => {
    for (const path of ['/events', hostilePath, '/flows', '/runs', '/runs/run-failed']) {
      const page = await pageOf(path)
      const scripts = [...page.matchAll(/<script\b[^>]*>/gu)].map(([tag]) => tag)
      expect([path, scripts]).toEqual([path, ['<script src="/static/orch.js" defer="">']])
      expect(page).not.toMatch(/<(?:img|i|b)\b/u)
      for (const hidden of ['\u202e', '\u001b']) expect(page).not.toContain(hidden)
      const targets = [...page.matchAll(/(?:href|action|src)="([^"]*)"/gu)].map(([, target]) => target ?? '')
      expect(targets.filter((target) => !/^[/#]/u.test(target))).toEqual([])
    }
  })

  test('a missing event or run is 404 with the reason on a page', async () => {
    for (const [path, reason] of [
      ['/events/x', 'There is no event "x".'],
      ['/runs/x', 'There is no run "x".'],
    ] as const) {
      const response = await browser.open(path)
      expect([response.status, textOf(await response.text())]).toEqual([404, expect.stringContaining(reason)])
    }
  })
})

describe('the pages of events', () => {
  test('the list shows type, source and arrival, and what each event started', async () => {
    const text = textOf(await pageOf('/events'))
    expect(text).toContain('upstream.release <i>source</i> 2026-11-21 08:00:00 release ✗ failed')
    expect(text).toContain('nothing: no flow matches the type other')
    expect(text).toContain('release ! queued')
  })

  test('the list is filtered by type and source, and keeps the filter on the next page', async () => {
    const text = textOf(await pageOf('/events?type=other'))
    expect(text).toContain('unmatched')
    expect(text).not.toContain('waiting')
    expect(textOf(await pageOf('/events?type=none'))).toContain('No event has this type and source.')
    expect(await pageOf('/events?source=patch&limit=1')).toMatch(/href="\/events\?source=patch&amp;cursor=[^"]+"/u)
  })

  test('one event shows its payload as text, the names of its files and its runs', async () => {
    const page = await pageOf(hostilePath)
    const text = textOf(page)
    expect(text).toContain('"tag": "</pre><script>alert(2)</script>"')
    expect(text).toContain('notes.md')
    expect(text).not.toContain('the content of the file')
    expect(page).toContain('href="/runs/run-failed"')
  })

  test('the payload is cut where it is large, and in one line where it is deep', async () => {
    const { store } = world.flows.ports
    const event = await store.readEvent('unmatched')
    if (!event) throw new Error('the event is not kept')
    const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as []
    await store.accept({ ...event, id: 'deep', payload: deep }, [])
    await store.accept({ ...event, id: 'large', payload: 'x'.repeat(200_000) }, [])
    expect(await pageOf('/events/deep')).toContain('['.repeat(1000))
    const large = await pageOf('/events/large')
    expect(large.length).toBeLessThan(100_000)
    expect(large).toContain('Only the beginning is shown.')
  })

  test('the form of an event replays it and leads back to its page', async () => {
    expect(await pageOf(hostilePath)).toContain(`action="${hostilePath.replaceAll("'", '&#39;')}/replay"`)
    expect(await submit(`${hostilePath}/replay`)).toEqual({ status: 303, location: `${hostilePath}?done=replay` })
    const run = await world.flows.ports.store.readRun('run-failed')
    expect(run?.attempts).toHaveLength(3)
    expect(textOf(await pageOf(`${hostilePath}?done=replay`))).toContain('each of its runs has a new attempt')
  })

  test('the replay of an event that still matches nothing says so', async () => {
    expect(await submit('/events/unmatched/replay')).toEqual({
      status: 303,
      location: '/events/unmatched?done=no-match',
    })
    const text = textOf(await pageOf('/events/unmatched?done=no-match'))
    expect(text).toContain('was matched against the flows again, and starts nothing')
    expect(text).toContain('When it arrived: no flow matches the type other')
  })
})

describe('the page of flows', () => {
  test('it shows state, triggers, file and what is wrong with a file', async () => {
    const text = textOf(await pageOf('/flows'))
    expect(text).toContain('release ✓ enabled event exec .orch/flows/release/flow.yaml')
    expect(text).toContain('announce ✓ enabled dispatch exec')
    expect(text).toMatch(/broken ✗ invalid .*<script>alert\('file'\)<\/script>/u)
  })

  test('its forms disable and enable a flow', async () => {
    expect(await pageOf('/flows')).toContain('action="/flows/release/disable"')
    expect(await submit('/flows/release/disable')).toEqual({ status: 303, location: '/flows?done=disable' })
    const disabled = await pageOf('/flows?done=disable')
    expect(textOf(disabled)).toContain('release ! disabled')
    expect(disabled).toContain('action="/flows/release/enable"')
    expect(await submit('/flows/release/enable')).toEqual({ status: 303, location: '/flows?done=enable' })
    expect(textOf(await pageOf('/flows'))).toContain('release ✓ enabled')
  })

  test('a flow whose file is invalid now keeps its last valid version, and the page says so', async () => {
    await pageOf('/flows')
    await folder.writeFlow('release', 'name: release\non: 5\n')
    expect(textOf(await pageOf('/flows'))).toContain('The file is invalid now, so its last valid version is used.')
  })
})

describe('the pages of runs', () => {
  test('the list has links that filter by status and keep the other filters', async () => {
    const page = await pageOf('/runs?status=failed&flow=release')
    expect(page).toContain('href="/runs?status=queued&amp;flow=release"')
    expect(page).toContain('<a href="/runs?status=failed&amp;flow=release" aria-current="page">failed</a>')
    const text = textOf(page)
    expect(text).toContain('run-failed')
    expect(text).not.toContain('run-queued')
    expect(textOf(await pageOf('/runs?status=cancelled'))).toContain('No run is cancelled.')
    expect((await browser.open('/runs?status=lost')).status).toBe(400)
  })

  test('one run shows each attempt with its steps, result and output as text, and why it needs attention', async () => {
    const text = textOf(await pageOf('/runs/run-failed'))
    expect(text).toContain('This run needs attention: the command exited with 1 <img src=x onerror=alert(1)>')
    expect(text).toMatch(/Attempt 2 ✗ failed Replay, asked for at .* Attempt 1 ✓ changed Asked for at/u)
    expect(text).toContain('Step 3 ! queued')
    expect(text).toContain('✗ blocked <b>wait</b>')
    expect(text).toContain('"url": "javascript:alert(1)"')
    expect(text).toContain(String.raw`building <script>alert('stdout')</script> \u{202e}gnp.exe`)
    expect(text).toContain('</pre><script>alert("stderr")</script>')
    expect(text).toContain('A part of the output was cut')
    expect(text).toContain('✓ changed built v1')
    expect(text).toMatch(/Only the end is shown\. (?:old line )+the end/u)
  })

  test('the form of a run that has not ended cancels it', async () => {
    expect(await pageOf('/runs/run-failed')).not.toContain('/cancel"')
    expect(await pageOf('/runs/run-queued')).toContain('action="/runs/run-queued/cancel"')
    expect(await submit('/runs/run-queued/cancel')).toEqual({ status: 303, location: '/runs/run-queued?done=cancel' })
    const text = textOf(await pageOf('/runs/run-queued?done=cancel'))
    expect(text).toContain('The run is asked to end.')
    expect(text).toContain('Cancelled by the administrator')
    expect((await submit('/runs/run-queued/cancel')).status).toBe(409)
  })
})

describe('who may use the forms', () => {
  const actions = [`${hostilePath}/replay`, '/flows/release/disable', '/runs/run-queued/cancel']

  async function expectNothingDone(): Promise<void> {
    const { store } = world.flows.ports
    expect((await store.readRun('run-failed'))?.attempts).toHaveLength(2)
    expect((await store.readRun('run-queued'))?.attempts).toMatchObject([{ status: 'queued' }])
    expect((await store.disabledFlows()).size).toBe(0)
  }

  test('a form without the token of the session, or from another site, is 403 and does nothing', async () => {
    const token = await browser.formToken()
    for (const path of actions) {
      expect((await browser.submit(path, {})).status).toBe(403)
      expect((await browser.submit(path, { 'form-token': token }, 'https://evil.example')).status).toBe(403)
    }
    await expectNothingDone()
  })

  test('a person with read access sees the pages and changes nothing', async () => {
    world.identities.add('ghp_person', 'octocat', 'read')
    const reader = await loggedIn(world, 'ghp_person')
    for (const path of ['/events', '/flows', '/runs']) expect((await reader.open(path)).status).toBe(200)
    const token = await reader.formToken()
    for (const path of actions) {
      const response = await reader.submit(path, { 'form-token': token })
      expect([path, response.status]).toEqual([path, 403])
    }
    await expectNothingDone()
  })

  test('a program without a session gets pages without forms that change something', async () => {
    for (const path of [hostilePath, '/flows', '/runs/run-queued']) {
      const page = await ask(app, path, { headers: { ...asAdministrator, ...asBrowser } })
      expect(await page.text()).not.toContain('method="post"')
    }
  })
})
