// Writes docs/images/service-*.png: the pages of the service over orchestrations of the embedded GitHub, in Debian's Chromium.
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { apiToken } from '../tests/service/pages-world.js'
import { PagesScene } from '../tests/service/pages-scene.js'

const folder = process.argv[2] ?? 'docs/images'
const shots = [
  { name: 'changes', path: '/changes', width: 1120, height: 520, scheme: 'light' },
  { name: 'change', path: '/changes/DPTA-1122', width: 1120, height: 1180, scheme: 'light' },
  { name: 'change-dark', path: '/changes/DPTA-1122', width: 1120, height: 1180, scheme: 'dark' },
  { name: 'change-narrow', path: '/changes/DPTA-1122', width: 360, height: 900, scheme: 'light' },
  { name: 'queue', path: '/workloads', width: 1120, height: 760, scheme: 'light' },
]

mkdirSync(folder, { recursive: true })
await using scene = await PagesScene.full()
const url = await scene.listen()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const { name, path, width, height, scheme } of shots) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  await page.goto(`${url}/login`)
  await page.fill('#token', apiToken)
  await page.click('button[type=submit]')
  await page.goto(`${url}${path}`)
  await page.screenshot({ path: `${folder}/service-${name}.png`, fullPage: process.argv[3] === 'full' })
  await page.close()
}
await browser.close()
