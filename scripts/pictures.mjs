// Takes the pictures of docs/editor.md from an editor that is served with its default model:
//     node scripts/pictures.mjs http://127.0.0.1:8765
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../gui/', import.meta.url))('playwright-core')
const [url = 'http://127.0.0.1:8765'] = process.argv.slice(2)
const picture = (name) => new URL(`../docs/images/${name}.png`, import.meta.url).pathname

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
await page.goto(url)
await page.getByRole('button', { name: 'Templates' }).first().click()
await page.getByRole('button', { name: /^lookup/i }).first().click()
await page.getByText('No problems').waitFor()
await page.getByText('Historian').first().click()
await page.getByRole('button', { name: /fit/i }).first().click()
await page.waitForTimeout(500) // the canvas glides
await page.screenshot({ path: picture('editor') })
await page.getByRole('button', { name: 'Run', exact: true }).click()
await page.getByText('succeeded').waitFor({ timeout: 120_000 })
await page.waitForTimeout(500)
await page.screenshot({ path: picture('run') })
await browser.close()
