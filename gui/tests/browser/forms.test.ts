import type { Locator, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '@/model/json'
import { asking } from './asking'
import { dropFiles, exported, openEditor, region } from './editing'
import { stage } from './stage'
import { faultsInBothThemes } from './watching'

const here = stage()
let page: Page

beforeEach(async () => {
  page = await openEditor(here.browser, here.serving.url)
  await dropFiles(page, [{ name: 'asking.json', text: JSON.stringify(asking) }])
  await region(page, 'Teller').click()
})

afterEach(() => page.context().close())

const plan = () => exported(page, () => page.keyboard.press('Control+s'))
const section = (title: string) =>
  page
    .getByRole('complementary', { name: 'Details' })
    .locator('details')
    .filter({ has: page.locator('summary', { hasText: new RegExp(`^${title}`) }) })
const field = (
  label: string,
  within: Locator = page.getByRole('complementary', { name: 'Details' }),
) => within.getByLabel(label, { exact: true })

/** Writes into a field key by key, as a person does. */
async function write(what: Locator, text: string): Promise<void> {
  await what.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await what.pressSequentially(text)
  await page.keyboard.press('Tab')
}

test('a region is placed and its steps are ruled by forms; a part of a form stays open while it is used', async () => {
  const placement = section('Placement')
  await placement.locator('summary').click()
  const where = field('Where it runs', placement)
  const kept = async () => (await plan()).placement
  await where.selectOption('Where labels fit')
  await write(field('Labels', placement), 'disk=ssd, gpu')
  expect(await kept()).toEqual({ Teller: { labels: { disk: 'ssd', gpu: '' } } })
  await where.selectOption('On a pool')
  await write(field('Pool', placement), 'quiet')
  expect(await kept()).toEqual({ Teller: { pool: 'quiet' } })
  await where.selectOption('On one worker')
  await page.getByRole('button', { name: '1 warning' }).waitFor()
  await write(field('Worker', placement), 'attic')
  expect(await kept()).toEqual({ Teller: { worker: 'attic' } })
  await where.selectOption('Anywhere')
  expect(await kept()).toBeUndefined()
  expect(await where.isVisible()).toBe(true)

  const policies = section('Step policies')
  await policies.locator('summary').click()
  await policies.getByRole('button', { name: 'Add a rule' }).click()
  await field('For', policies).selectOption('make_replies')
  await write(field('Timeout, s', policies), '2.5')
  await write(field('Retries', policies), '0')
  await field('If it fails', policies).selectOption('go on')
  expect((await plan()).steps).toEqual({
    'Teller.make_replies': { timeout: 2.5, retries: 0, on_failure: 'continue' },
  })
  expect(await faultsInBothThemes(page)).toEqual([])
})

test('what the plan is asked, its rules for mail and what it brings are written by forms', async () => {
  await page.getByRole('tab', { name: 'Plan', exact: true }).click()
  const messages = section('Messages to begin with')
  await messages.getByRole('button', { name: 'Add a message' }).click()
  await field('To', messages).last().selectOption('Teller')
  await write(field('Text', messages).last(), 'Who rings?')
  await write(field('From', messages).last(), 'Asker')

  const mail = section('Mail')
  await mail.locator('summary').click()
  await field('Mail to somebody the plan does not hold', mail).selectOption(
    'Send it to another region',
  )
  await field('To', mail).selectOption('Teller')
  await write(field('Mail to this name is printed', mail), 'out')
  await write(field('Hops at most', mail), '7')

  const resources = section('Resources')
  await resources.locator('summary').click()
  for (const kind of ['Model', 'Store']) {
    await resources.getByRole('button', { name: 'Add a resource' }).click()
    await page.getByRole('menuitem', { name: kind }).click()
  }
  await write(field('Model called', resources), 'big')
  await write(field('Address', resources), 'http://127.0.0.1:8080')
  await write(field('Calls at a time', resources), '2')
  await write(field('Documents, stored before it starts', resources), 'facts.jsonl, notes.md')
  expect(await faultsInBothThemes(page)).toEqual([])

  const written: JsonObject = await plan()
  expect(written.messages).toEqual([
    ...asking.messages,
    { source: 'Asker', destination: 'Teller', role: 'request', content: 'Who rings?' },
  ])
  expect(written.postmaster).toEqual({
    undeliverable: 'reroute',
    reroute_destination: 'Teller',
    print_address: 'out',
    max_hops: 7,
  })
  expect(written.resources).toEqual({
    llm: { big: { url: 'http://127.0.0.1:8080', slots: 2 } },
    rag: { default: { documents: ['facts.jsonl', 'notes.md'] } },
  })
})

test('a region is renamed, told whom to ask, and given another type; all of it is undone', async () => {
  const original = await plan()
  await region(page, 'Asker').click()
  await write(field('Name'), 'Clerk')
  await write(field('Task'), 'Ask around.')
  await write(field('→ Teller'), 'Knows bells.')
  await page.getByRole('button', { name: 'Connect to', exact: true }).click()
  await page.getByRole('menuitem', { name: 'terminal (printed)' }).click()
  expect((await plan()).regions).toMatchObject([
    { name: 'Clerk', task: 'Ask around.', connections: { Teller: 'Knows bells.', terminal: '' } },
    { name: 'Teller' },
  ])
  await field('Type').selectOption('RAGRegion')
  await write(field('Store'), 'facts')
  await write(field('threshold'), '0.4')
  expect((await plan()).regions).toMatchObject([
    { type: 'RAGRegion', rag: 'facts', threshold: 0.4 },
    {},
  ])
  for (let steps = 0; steps < 7; steps += 1) await page.keyboard.press('Control+z')
  expect(await plan()).toEqual(original)
})
