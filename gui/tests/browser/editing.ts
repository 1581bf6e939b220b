import type { Browser, Page } from 'playwright-core'
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
