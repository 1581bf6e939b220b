import type { Locator, Page } from 'playwright-core'
import { beforeEach, afterEach, expect, test } from 'vitest'
import { asking } from './asking'
import { cluster } from './cluster'
import { faultsInBothThemes } from './watching'
import { carry, dropFiles, exported, openEditor, region, still } from './editing'

const here = cluster({
  attic: ['--pool', 'quiet', '--label', 'disk=ssd'],
  cellar: ['--region', 'Asker', '--region', 'Teller', '--postmaster'],
  garage: ['--llm', 'default'],
})

let page: Page

beforeEach(async () => {
  page = await openEditor(here.it.browser, here.it.serving.url)
  await dropFiles(page, [{ name: 'asking.json', text: JSON.stringify(asking) }])
  await region(page, 'Teller').waitFor()
  await card('attic').waitFor()
  await still(page)
})

afterEach(() => page.context().close())

const card = (name: string) => page.locator(`[data-machine=${name}]`)
const placed = (name: string) => card(name).getByText('1 placed')
const undo = () => page.getByRole('button', { name: /^Undo/ })
const row = (name: string) =>
  page.getByRole('group', { name: 'Regions', exact: true }).getByRole('button', { name })
const plan = () => exported(page, () => page.keyboard.press('Control+s'))

async function placedOnAttic(what: Locator): Promise<void> {
  await carry(page, what, card('attic'))
  await placed('attic').waitFor()
  expect(await page.locator('[data-over]').count()).toBe(0)
}

test('a region of the list is placed on the machine it is dropped on, until that is undone', async () => {
  await placedOnAttic(row('Teller'))
  expect((await plan()).placement).toEqual({ Teller: { worker: 'attic' } })
  await undo().click()
  await placed('attic').waitFor({ state: 'detached' })
  expect(await plan()).not.toHaveProperty('placement')
  expect(await undo().isDisabled()).toBe(true)
})

test('a region is carried to a machine with the keyboard', async () => {
  await row('Teller').focus()
  await page.keyboard.press('Space')
  await expect
    .poll(async () => {
      await page.keyboard.press('ArrowRight')
      return page.locator('[data-machine][data-over]').count()
    })
    .toBe(1)
  const over = await page.locator('[data-machine][data-over]').getAttribute('data-machine')
  await page.keyboard.press('Space')
  await placed(over ?? '').waitFor()
  expect((await plan()).placement).toEqual({ Teller: { worker: over } })
})

test('a region of the canvas is placed so, too, stays where it stood, and runs there', async () => {
  const standing = () =>
    page
      .locator('.react-flow__node')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.transform))
  const view = () => page.locator('.react-flow__viewport').getAttribute('style')
  const before = [await standing(), await view()]
  await placedOnAttic(region(page, 'Teller'))
  expect([await standing(), await view()]).toEqual(before)
  await region(page, 'Teller').getByText('attic').waitFor()

  await page.keyboard.press('Control+Enter')
  await page.getByText('succeeded', { exact: true }).waitFor()
  const run = decodeURIComponent(page.url().split('/').at(-1) ?? '')
  const { events } = await here.it.serving.get<{ events: Step[] }>(`runs/${run}/recording`)
  const workers = events
    .filter(({ type, status }) => type === 'step' && status === 'running')
    .map((step) => `${step.region} ${step.worker}`)
  expect(workers).toEqual(['Asker cellar', 'Teller attic', 'Asker cellar'])

  await page.goBack()
  await undo().click()
  await placed('attic').waitFor({ state: 'detached' })
  expect(await undo().isDisabled()).toBe(true)
})

test('machines show what they serve, who waits for it, and that one was killed', async () => {
  await page.goto(`${here.it.serving.url}/#/machines`)
  const machine = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  await machine('attic').getByText('quiet').waitFor()
  await machine('attic').getByText('disk=ssd').waitFor()
  await machine('cellar')
    .getByText(/postmaster/)
    .waitFor()
  const model = page.getByRole('row').filter({ hasText: 'garage' })
  await model.getByRole('cell', { name: '0 of 1' }).waitFor()

  here.it.model.hold()
  const runs = await Promise.all(
    ['one', 'two'].map((run) => here.it.serving.post<Begun>('runs', { plan: asking, run })),
  )
  expect(runs).toEqual([
    { run: 'one', findings: [] },
    { run: 'two', findings: [] },
  ])
  await model.getByRole('cell', { name: '1 of 1' }).waitFor()
  await model.getByRole('cell', { name: '1', exact: true }).waitFor()
  expect(await faultsInBothThemes(page)).toEqual([])
  here.it.model.letGo()
  await model.getByRole('cell', { name: '0 of 1' }).waitFor()

  await here.it.kill('attic')
  await machine('attic')
    .getByText(/heartbeat is late/)
    .waitFor()
  await machine('attic')
    .getByText(/not heard of/)
    .waitFor()
  await machine('cellar').getByText(/live/).waitFor()
  expect(await faultsInBothThemes(page)).toEqual([])
})

interface Begun {
  readonly run: string
}

interface Step {
  readonly type: string
  readonly status?: string
  readonly region?: string
  readonly worker?: string
}
