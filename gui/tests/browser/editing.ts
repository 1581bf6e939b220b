import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { largePlan } from '@/model/fixtures/largePlan'
import { parseJson } from '@/model/codec/parse'
import type { JsonObject } from '@/model/json'

interface Screen {
  readonly width: number
  readonly height: number
  readonly theme?: 'light' | 'dark'
}

const usual: Screen = { width: 1280, height: 720 }

/** The editor in a browser of its own, with nothing kept from before. */
export async function openEditor(browser: Browser, url: string, screen = usual): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height },
    colorScheme: screen.theme ?? 'light',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(url)
  await page
    .getByRole('heading', { name: 'Begin a plan' })
    .or(page.getByText('The plan is empty'))
    .waitFor()
  return page
}

export interface GivenFile {
  readonly name: string
  readonly text: string
}

/** Drag files into the window. */
export async function dropFiles(page: Page, files: readonly GivenFile[]): Promise<void> {
  await page.evaluate((given) => {
    const dataTransfer = new DataTransfer()
    for (const { name, text } of given) dataTransfer.items.add(new File([text], name))
    dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }))
  }, files)
}

/** Put a plan of that size into the browser's draft, and open the editor on it. */
export async function openLarge(
  browser: Browser,
  url: string,
  regions: number,
  connections: number,
): Promise<Page> {
  const page = await openEditor(browser, url)
  const draft = JSON.stringify({ version: 1, document: largePlan(regions, connections) })
  await page.addInitScript((text) => localStorage.setItem('regions.draft', text), draft)
  await page.reload()
  await page
    .locator('[data-region]')
    .nth(regions - 1)
    .waitFor()
  return page
}

/** The file that `action` makes the editor hand out. */
export async function exported(page: Page, action: () => Promise<void>): Promise<JsonObject> {
  const [download] = await Promise.all([page.waitForEvent('download'), action()])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  return parseJson(Buffer.concat(chunks).toString(), download.suggestedFilename()) as JsonObject
}

export const region = (page: Page, name: string) =>
  page.locator('[data-region]').filter({ hasText: name })

/** Waits until the view has come to rest. */
export async function still(page: Page): Promise<void> {
  const view = () => page.locator('.react-flow__viewport').getAttribute('style')
  let before: string | null = null
  await expect
    .poll(async () => {
      const [last, now] = [before, await view()]
      before = now
      return last === now
    })
    .toBe(true)
}

export async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox()
  if (!box) throw new Error('it is not on the screen')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Drags with moves on the way, and lets go once something shows that it takes what is carried. */
export async function carry(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await middle(from), await middle(to)]
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(end.x, end.y, { steps: 8 })
  await page.locator('[data-over]').first().waitFor()
  await page.mouse.up()
}
