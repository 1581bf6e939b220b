import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asking } from './asking'
import { cluster } from './cluster'
import { region } from './editing'
import { faultsInBothThemes, overhang } from './watching'

const here = cluster({
  cellar: ['--region', 'Asker', '--region', 'Teller', '--postmaster', '--llm', 'default'],
})

let page: Page

beforeEach(async () => {
  page = await here.it.browser.newPage({ viewport: { width: 1280, height: 720 } })
})

afterEach(() => page.close())

const button = (name: string) => page.getByRole('button', { name, exact: true })
const shown = (text: string) => page.getByText(text, { exact: true }).first().waitFor()
const answer = () => page.getByTestId('answer').textContent()

/** Begin a run, and look at it. */
async function begin(run: string, plan: object, options: object = {}): Promise<void> {
  await here.it.serving.post('runs', { plan, run, ...options })
  await page.goto(`${here.it.serving.url}/#/runs/${run}`)
  await page.getByRole('heading', { name: run }).waitFor()
}

/** Waits for the view of another run, made from that one. */
async function branched(parent: string): Promise<void> {
  await page.getByRole('link', { name: parent }).waitFor()
  await shown('succeeded')
}

test('a run is run again with another text, and its answer follows; with recorded answers no model is asked', async () => {
  await begin('first', asking)
  await shown('succeeded')
  expect(await answer()).toBe('Nobody told me: Where is the bell?')

  await page.getByRole('tab', { name: /^Messages/ }).click()
  await page.getByRole('option', { name: /Asker → Teller/ }).click()
  await button('Change and run again').click()
  await page.getByRole('dialog').getByLabel('Asker to Teller').fill('Where is the lamp?')
  expect(await faultsInBothThemes(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
  await branched('first')
  expect(await answer()).toBe('Nobody told me: Where is the lamp?')

  const { asked } = here.it.model
  await button('Run again').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'first' }).waitFor({ state: 'detached' })
  await shown('succeeded')
  expect(await answer()).toBe('Nobody told me: Where is the lamp?')
  expect(here.it.model.asked).toBe(asked)
})

test('a run is run again from the second turn of a layer', async () => {
  await begin('turns', { ...asking, execution_order: [0, 1, 0, 1, 2] })
  await shown('succeeded')
  const { asked } = here.it.model
  await button('Run again').click()
  await page.getByLabel('From', { exact: true }).selectOption('turn 4: layer 2 (tell)')
  expect(await faultsInBothThemes(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()
  await branched('turns')
  await page.getByText('2 of 5 layers').waitFor()
  expect(here.it.model.asked).toBe(asked)
})

test('what a region knows, is asked and has not read is seen while a run is stepped', async () => {
  await begin('stepped', asking, { step: true })
  await button('Next layer').click()
  await page.getByText('1 of 3 layers').waitFor()
  const state = page.getByRole('complementary', { name: 'Selected' })
  const list = (name: string) => state.getByRole('heading', { name })
  await region(page, 'Teller').click()
  await list('Has not read (1)').waitFor()
  await state.getByText('Where is the bell?').waitFor()
  expect(await faultsInBothThemes(page)).toEqual([])

  await button('Next layer').click()
  await list('Has not read (0)').waitFor()
  await region(page, 'Asker').click()
  await list('Has not read (1)').waitFor()
  await list('Is asked (1)').waitFor()
  await list('Knows (0)').waitFor()
  await button('Next layer').click()
  await shown('succeeded')
  await list('Knows (1)').waitFor()
  await list('Is asked (0)').waitFor()
  await state.getByText('Nobody told me: Where is the bell?').first().waitFor()
})

test('a letter that nobody could be given is sent to somebody else, and answered', async () => {
  const lost = { source: 'terminal', destination: 'Nobody', role: 'request', content: 'Who is it?' }
  const postmaster = { undeliverable: 'retry', retries: 0 }
  await begin('lost', { ...asking, messages: [lost], postmaster }, { step: true })
  await button('Next layer').click()
  await page.getByRole('tab', { name: 'Dead letters 1' }).click()
  const letter = page.getByRole('listitem').filter({ hasText: 'terminal → Nobody' })
  await letter.getByText('Who is it?').waitFor()
  expect(await letter.getByRole('button', { name: 'Redeliver' }).isDisabled()).toBe(true)
  await letter.getByRole('combobox').selectOption('Teller')
  expect(await faultsInBothThemes(page)).toEqual([])
  await letter.getByRole('button', { name: 'Redeliver' }).click()
  await letter.getByText('sent to Teller').waitFor()

  await button('Next layer').click()
  await page.getByText('2 of 3 layers').waitFor()
  expect(await answer()).toBe('Nobody told me: Who is it?')
  await page.getByRole('tab', { name: /^Messages/ }).click()
  await page.getByRole('option', { name: /terminal → Teller/ }).waitFor()
  await button('Cancel').click()
  await shown('cancelled')
})

test('messages are those of what is selected, and of what is searched for; an answer is copied', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await begin('read', asking)
  await shown('succeeded')
  const messages = page.getByRole('listbox', { name: /^Messages/ }).getByRole('option')
  const number = (expected: number) => expect.poll(() => messages.count()).toBe(expected)
  await page.getByRole('tab', { name: 'Messages 4' }).click()
  await number(4)
  await region(page, 'Teller').click()
  await number(2)
  await page.getByRole('button', { name: 'Teller', exact: true }).click()
  await number(4)
  await page.getByRole('searchbox').fill('nobody TOLD')
  await number(2)
  await page.getByLabel('Outcome').selectOption('printed')
  await number(1)

  await page.getByRole('tab', { name: 'Answers 1' }).click()
  await page.getByTestId('answers').getByRole('button', { name: /Copy/ }).click()
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(copied).toBe('Nobody told me: Where is the bell?')
})

test('a run that is kept as a file opens again, read and scrubbed as it was', async () => {
  await begin('kept', asking)
  await shown('succeeded')
  const file = `${here.it.home}/kept.json`
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Keep as a file' }).click(),
  ])
  await download.saveAs(file)
  await page.goto(`${here.it.serving.url}/#/runs`)
  await page.getByRole('link', { name: 'kept', exact: true }).waitFor()
  await page.getByTestId('recording-file').setInputFiles(file)
  await page.getByRole('heading', { name: 'kept' }).waitFor()
  await shown('succeeded')
  expect(await answer()).toBe('Nobody told me: Where is the bell?')
  await page.getByRole('slider', { name: 'Instant' }).press('Home')
  await page.getByText('at an earlier instant').waitFor()
  await page.getByText(/event 0 of/).waitFor()
})

test('a live run fits a screen of 390 pixels, and has no fault of access', async () => {
  here.it.model.hold()
  await begin('narrow', asking)
  await shown('running')
  expect(await faultsInBothThemes(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await faultsInBothThemes(page)).toEqual([])
  for (const tab of [/^Timeline/, /^Messages/, /^Answers/, /^Dead letters/]) {
    await page.getByRole('tab', { name: tab }).click()
    expect(await overhang(page)).toBeLessThanOrEqual(0)
  }
  here.it.model.letGo()
  await shown('succeeded')
  expect(await overhang(page)).toBeLessThanOrEqual(0)
})
