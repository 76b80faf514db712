import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PagesScene, hostileBranch } from './pages-scene.js'
import { apiToken, workload } from './pages-world.js'
import { openFlowFolder } from '../support/flow-folder.js'
import type { FlowFolder } from '../support/flow-folder.js'
import { fillFlows, flowFiles, hostileEvent } from './support/flow-pages.js'
import { createLocalFlowService } from './support/local-flow-service.js'
import { isDrawn, isExhaustive } from '../support/exhaustive.js'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
if (executablePath === undefined)
  process.stderr.write('SKIPPED: the pages in a browser. Install it: apt-get install -y chromium\n')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Look {
  width: number
  scheme: 'light' | 'dark'
}

/** Each page has one of these looks, another one each week. The nightly run gives it both, and the other combinations. */
const looks: Look[] = [
  { width: 360, scheme: 'dark' },
  { width: 1440, scheme: 'light' },
]
if (isExhaustive) looks.push({ width: 360, scheme: 'light' }, { width: 1440, scheme: 'dark' })

interface Violation {
  id: string
  nodes: { html: string; failureSummary: string }[]
}

/** What axe finds on a page that was opened with it, as lines of text. */
async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  return (found as Violation[]).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  )
}

describe.skipIf(executablePath === undefined)('the pages in Chromium', { timeout: 180_000 }, () => {
  let browser: Browser
  let scene: PagesScene
  let flows: FlowFolder
  /** The session of a login. */
  let storageState: BrowserContextOptions['storageState']
  beforeAll(async () => {
    scene = await PagesScene.full()
    flows = await openFlowFolder(flowFiles)
    scene.fake.flows = createLocalFlowService(flows.directory)
    await fillFlows(scene.fake.flows)
    await scene.listen()
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
    const { page } = await openPage()
    await logIn(page)
    storageState = await page.context().storageState()
    await page.context().close()
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await scene[Symbol.asyncDispose]()
    await flows[Symbol.asyncDispose]()
  })

  /** A page in a browser of its own, and what went wrong in it. */
  async function openPage(options: BrowserContextOptions = {}): Promise<{ page: Page; errors: string[] }> {
    const context = await browser.newContext({ baseURL: scene.url, viewport: { width: 1440, height: 900 }, ...options })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => {
      // The browser logs the status of the page itself, such as 404.
      if (message.type() === 'error' && !message.text().includes('status of 40')) errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('dialog', (dialog) => errors.push(`a script of other people ran: ${dialog.message()}`))
    return { page, errors }
  }

  async function logIn(page: Page, path = '/changes'): Promise<void> {
    await page.goto(path)
    await page.fill('#token', apiToken)
    await page.click('main button')
    await page.waitForURL(`**${path}`)
  }

  /** Like `openPage`, with a session, at the list of changes. */
  async function openChanges(options: BrowserContextOptions = {}): ReturnType<typeof openPage> {
    const opened = await openPage({ ...options, ...(storageState && { storageState }) })
    await opened.page.goto('/changes')
    return opened
  }

  const change = `/changes/${encodeURIComponent(hostileBranch)}`
  test.each(looks)(
    'at $width px in $scheme colors axe finds nothing, no page is wider than the screen, and nothing is refused by the policy',
    async ({ width, scheme }) => {
      const { page, errors } = await openPage({ viewport: { width, height: 800 }, colorScheme: scheme })
      await page.addInitScript(axe)
      const look = width === 360 ? 0 : 1
      const check = async (path: string): Promise<void> => {
        await page.goto(path)
        expect([path, await violations(page)]).toEqual([path, []])
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect([path, overflow]).toEqual([path, 0])
      }
      await check('/login')
      await logIn(page)
      const id = (await scene.process.ports.store.list())[0] ?? ''
      const paths = [
        '/changes',
        '/changes/DPTA-1122?done=run',
        change,
        '/changes/DPTA-9999',
        `/changes/DPTA-1101/orchestrations/${id}`,
        '/workloads',
        '/workloads?status=cancelled',
        '/workloads/5b0a9e72-8a54',
        '/deliveries',
        '/events',
        `/events/${encodeURIComponent(hostileEvent)}?done=replay`,
        '/events/unmatched',
        '/flows',
        '/runs',
        '/runs?status=failed&flow=release',
        '/runs/run-failed',
        '/runs/run-queued',
        '/nothing',
      ]
      for (const [index, path] of paths.entries()) if (isDrawn(index + look, 2)) await check(path)
      expect(errors).toEqual([])
      await page.context().close()
    },
  )

  test('text of other people is shown as text: no script runs, and no character reorders the line', async () => {
    const { page, errors } = await openChanges()
    await page.goto(change)
    const text = await page.locator('main').innerText()
    expect(await page.locator('h1').innerText()).toBe('DPTA-"><script>alert(1)<!--\\u{202e}txt')
    expect(text).toContain('<script>alert(2)</script> \\u{202e}gnp.exe')
    expect(await page.locator('main script').count()).toBe(0)
    await page.goto('/runs/run-failed')
    const run = await page.locator('main').innerText()
    expect(run).toContain("<script>alert('stdout')</script> \\u{202e}gnp.exe")
    expect(await page.locator('main').locator('script, img').count()).toBe(0)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('the picture of the graph has a title and says in words what the table says', async () => {
    const { page } = await openChanges()
    await page.goto('/changes/DPTA-1101')
    const graph = page.getByRole('img', { name: 'Graph of the jobs' })
    expect(await graph.locator('desc').textContent()).toMatch(
      /repoA: succeeded .*; repoC: skipped.*; repoE: succeeded/u,
    )
    const row = page.getByRole('row', { name: 'repoA' }).filter({ hasText: 'Run of repoA' })
    expect(await row.getByRole('cell').first().innerText()).toContain('succeeded')
    await page.context().close()
  })

  test('without JavaScript a person logs in, opens a change, runs it, handles a delivery again and logs out', async () => {
    const { page } = await openPage({ javaScriptEnabled: false })
    await logIn(page, '/changes')
    await page.getByLabel('Open a change by its branch').fill('DPTA-1130')
    await page.getByRole('button', { name: 'Open' }).click()
    expect(await page.locator('h1').innerText()).toBe('DPTA-1130')
    await page.getByRole('button', { name: 'Run: build this change' }).click()
    expect(await page.getByRole('status').first().innerText()).toBe('The run is queued.')
    await page.getByRole('link', { name: 'Deliveries' }).click()
    await page.getByRole('button', { name: 'Handle again: the delivery 4e2f0b3c-8a52-11ef' }).click()
    expect(await page.getByRole('status').first().innerText()).toBe('The delivery is handled again.')
    await page.getByRole('link', { name: 'Reload' }).click()
    expect(new URL(page.url()).pathname).toBe('/deliveries')
    expect(scene.fake.done.slice(-2)).toEqual(['run DPTA-1130 by the administrator', 'redeliver 4e2f0b3c-8a52-11ef'])
    await page.getByRole('button', { name: 'Log out' }).click()
    expect(await page.locator('h1').innerText()).toBe('Log in')
    await page.goto('/changes')
    expect(await page.locator('h1').innerText()).toBe('Log in')
    await page.context().close()
  })

  test('by keyboard the first stop is the link that skips to the content', async () => {
    const { page } = await openChanges()
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.locator('main :focus').innerText()).toBe('Reload')
    await page.context().close()
  })

  test('a page updates itself, keeps focus, scroll position and typed text, and announces the new state', async () => {
    const { page, errors } = await openChanges({ viewport: { width: 360, height: 500 } })
    const { fake } = scene
    const before = fake.workloadList
    const update = (): void => {
      fake.workloadList = [...before.filter(({ change: of }) => of !== 'DPTA-1130'), workload({ change: 'DPTA-1130' })]
      fake.update()
    }
    const row = page.getByRole('row', { name: 'DPTA-1130' })
    await row.getByText('queued').waitFor()
    await page.getByLabel('Open a change by its branch').fill('DPTA-11')
    await page.getByText('Updates are live.').waitFor()
    update()
    await row.getByText('running').waitFor()
    const focused = page.locator(':focus')
    expect([await focused.getAttribute('id'), await focused.inputValue()]).toEqual(['branch', 'DPTA-11'])
    await page.keyboard.type('30')
    expect(await focused.inputValue()).toBe('DPTA-1130')

    fake.workloadList = before
    await page.goto('/changes/DPTA-1130')
    await page.getByText('Updates are live.').waitFor()
    await page.getByRole('button', { name: 'Lock' }).focus()
    await page.evaluate('document.getElementById("graph").scrollLeft = 40; scrollTo(0, 120)')
    update()
    await page.locator('#state').getByText('running').waitFor()
    expect(await page.locator(':focus').innerText()).toBe('Lock')
    expect(await page.evaluate('[document.getElementById("graph").scrollLeft, scrollY]')).toEqual([40, 120])
    expect(await page.locator('#live').innerText()).toBe('State: running')
    expect(errors).toEqual([])
    fake.workloadList = before
    await page.context().close()
  })

  test('a page whose session has ended shows the login page at its next update', async () => {
    const { page } = await openChanges()
    await page.getByText('Updates are live.').waitFor()
    await page.context().clearCookies()
    scene.fake.update()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.context().close()
  })

  test('empty lists say what to do next, and axe finds nothing on them', async () => {
    await using empty = await PagesScene.open()
    await empty.listen()
    const { page } = await openPage({ baseURL: empty.url })
    await page.addInitScript(axe)
    await logIn(page)
    for (const [path, text] of [
      ['/changes', 'No change has been built yet.'],
      ['/workloads', 'No worker is alive'],
      ['/deliveries', 'No webhook has arrived yet.'],
      ['/events', 'No event has arrived yet.'],
      ['/flows', 'This service has no flows.'],
      ['/runs', 'No flow has run yet.'],
    ] as const) {
      await page.goto(path)
      expect(await page.locator('main').innerText()).toContain(text)
      expect(await violations(page)).toEqual([])
    }
    await page.context().close()
  })
})
