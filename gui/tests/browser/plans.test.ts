import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asking } from './asking'
import { dropFiles, exported, middle, openEditor, region } from './editing'
import { stage } from './stage'

const here = stage()
let page: Page

beforeEach(async () => {
  page = await openEditor(here.browser, here.serving.url)
  await open('asking', asking)
  await count(2)
})

afterEach(() => page.context().close())

const open = (name: string, plan: object) =>
  dropFiles(page, [{ name: `${name}.json`, text: JSON.stringify(plan) }])
const count = (number: number) =>
  expect.poll(() => page.locator('[data-region]').count()).toBe(number)
const plan = () => exported(page, () => page.keyboard.press('Control+s'))
const selected = () => page.locator('[data-region][aria-pressed=true]').count()

/** Finds a command by a few letters, and has it done. */
async function command(letters: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').waitFor()
  await page.keyboard.type(letters)
  await page.keyboard.press('Enter')
}

test('regions are copied into another plan with what connects them, cut, and pasted again', async () => {
  await page.keyboard.press('Control+a')
  expect(await selected()).toBe(2)
  await page.keyboard.press('Control+c')
  await open('other', {
    ...asking,
    regions: asking.regions.slice(1),
    layer_config: [],
    execution_config: [],
    execution_order: [],
    messages: [],
  })
  await count(1)
  await page.keyboard.press('Control+v')
  await count(3)
  expect((await plan()).regions).toMatchObject([
    { name: 'Teller', connections: {} },
    { name: 'Asker', connections: { 'Teller 2': 'Tells.' } },
    { name: 'Teller 2', connections: {} },
  ])
  await page.keyboard.press('Control+x')
  await count(1)
  await page.keyboard.press('Control+v')
  await count(3)
  await page.keyboard.press('Control+d')
  await count(5)
  await page.keyboard.press('Delete')
  await count(3)
})

test('what is framed is deleted together; undo goes back to the plan before a new one', async () => {
  const original = await plan()
  const [asker, teller] = [
    await middle(region(page, 'Asker')),
    await middle(region(page, 'Teller')),
  ]
  await page.keyboard.down('Shift')
  await page.mouse.move(asker.x - 130, asker.y - 70)
  await page.mouse.down()
  await page.mouse.move(teller.x, teller.y + 60, { steps: 8 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await expect.poll(selected).toBe(2)
  await page.keyboard.press('Delete')
  await count(0)

  await command('new plan')
  await page.getByRole('heading', { name: 'Untitled plan' }).waitFor()
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await count(2)
  expect(await plan()).toEqual(original)
})

test('every template opens, and has no problem', async () => {
  await command('template')
  const offered = page.getByRole('dialog').getByRole('button', { name: /layers?$/ })
  await offered.first().waitFor()
  const number = await offered.count()
  expect(number).toBeGreaterThanOrEqual(5)
  for (let at = 0; at < number; at += 1) {
    const title = await offered.nth(at).locator('strong').textContent()
    await offered.nth(at).click()
    await page.getByRole('heading', { name: title ?? '', exact: true }).waitFor()
    await page.getByRole('button', { name: 'No problems' }).waitFor()
    await command('template')
    await offered.first().waitFor()
  }
})
