// Writes docs/images/service-*.png: the pages of the service over orchestrations of the embedded GitHub, in Debian's Chromium.
// npx tsx scripts/service-screenshots.js [FOLDER]
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { apiToken } from '../tests/service/pages-world.js'
import { PagesScene } from '../tests/service/pages-scene.js'

const folder = process.argv[2] ?? 'docs/images'
const shots = [
  { name: 'changes', path: '/changes', width: 960, height: 420, scheme: 'light' },
  { name: 'change', path: '/changes/DPTA-1122', width: 960, height: 800, scheme: 'light' },
  { name: 'change-dark', path: '/changes/DPTA-1101', width: 960, height: 800, scheme: 'dark' },
  { name: 'change-narrow', path: '/changes/DPTA-1122', width: 360, height: 640, scheme: 'light' },
  { name: 'queue', path: '/workloads', width: 960, height: 660, scheme: 'light' },
]

mkdirSync(folder, { recursive: true })
const scene = await PagesScene.full('DPTA-1115')
const url = await scene.listen()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
for (const { name, path, width, height, scheme } of shots) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  await page.goto(`${url}/login`)
  await page.fill('#token', apiToken)
  await page.click('main button')
  await page.goto(`${url}${path}`)
  await page.getByText('Updates are live.').waitFor({ state: 'attached' })
  await page.screenshot({ path: `${folder}/service-${name}.png` })
  await page.close()
}
await browser.close()
await scene[Symbol.asyncDispose]()
