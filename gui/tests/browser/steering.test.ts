import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stage } from './stage'
import { faultsInBothThemes } from './watching'

const here = stage()
let page: Page

beforeEach(async () => {
  page = await here.browser.newPage({ viewport: { width: 1280, height: 720 } })
  page.setDefaultTimeout(60_000)
  await page.goto(here.serving.url)
  await page.getByRole('button', { name: 'Templates' }).click()
  await page.getByRole('button', { name: 'Lookup' }).click()
  await page.getByText('Historian').first().waitFor()
})

afterEach(() => page.close())

const button = (name: string) => page.getByRole('button', { name, exact: true })
const shown = (text: string | RegExp) => page.getByText(text, { exact: true }).first().waitFor()

test('a run goes layer by layer; mail sent into it enters with the next one; it is cancelled', async () => {
  await page.keyboard.press('Control+Shift+Enter')
  await button('Next layer').waitFor()

  await button('Send mail').click()
  await page.getByLabel('Text', { exact: true }).fill('And what does Tom Hill keep?')
  await button('Send').click()
  await shown('Sent. It enters when the next layer starts.')
  expect(await faultsInBothThemes(page)).toEqual([])
  await page.keyboard.press('Escape')

  await button('Next layer').click()
  await page.getByText('1 of 3 layers').waitFor()
  await page.getByRole('tab', { name: /^Messages/ }).click()
  await page.getByText('And what does Tom Hill keep?').first().waitFor()

  await button('Cancel').click()
  await shown('cancelled')
}, 180_000)

test('a run is paused and goes on to its answer', async () => {
  await button('Run').click()
  await shown('running')
  await button('Pause').click()
  await shown('paused')
  await button('Resume').click()
  await shown('succeeded')
  expect(await page.getByTestId('answer').textContent()).toContain('silver bell')
}, 180_000)
