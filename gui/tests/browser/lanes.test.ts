import type { Locator, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '@/model/json'
import { carry, dropFiles, exported, openEditor } from './editing'
import { stage } from './stage'

const here = stage()

const region = (name: string) => ({ name, type: 'Region', task: 'Answer.', connections: {} })

const file = {
  version: 1,
  regions: ['Ada', 'Ben', 'Cleo'].map(region),
  layer_config: [{ upper: ['Ada', 'Ben'], lower: ['Cleo'] }, { last: ['Ada'] }],
  execution_config: [
    [
      ['Ada', 'make_replies'],
      ['Ada', 'clear_replies'],
      ['Ben', 'make_replies'],
      ['Cleo', 'make_replies'],
    ],
    [['Ada', 'summarize_replies']],
  ],
  execution_order: [0, 1],
  messages: [],
}

let page: Page
let original: JsonObject

beforeEach(async () => {
  page = await openEditor(here.browser, here.serving.url)
  await dropFiles(page, [{ name: 'lanes.json', text: JSON.stringify(file) }])
  await page.getByRole('button', { name: 'Put away' }).click()
  await page.getByRole('separator', { name: 'Height of the layers' }).focus()
  for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('ArrowUp')
  original = await plan()
})

afterEach(() => page.context().close())

const plan = () => exported(page, () => page.keyboard.press('Control+s'))
const layer = (number: number) => page.getByRole('group', { name: `Layer ${number}`, exact: true })
const title = (number: number) =>
  layer(number).getByRole('button', { name: `Layer ${number}`, exact: true })
const chain = (name: string) => page.getByRole('group', { name: `Chain ${name}`, exact: true })
const chainName = (name: string) => chain(name).getByRole('button', { name, exact: true })
const member = (name: string) => chain('upper').getByRole('button', { name: `${name} in upper` })
const method = (name: string) => chain('upper').getByRole('button', { name, exact: true }).first()
const undo = () => page.getByRole('button', { name: /^Undo/ })

/** What `move` makes of the plan, as a whole one step of the history, which is taken back. */
async function oneStep(move: () => Promise<void>): Promise<JsonObject> {
  await move()
  const changed = await plan()
  await page.keyboard.press('Control+z')
  expect(await plan()).toEqual(original)
  expect(await undo().isDisabled()).toBe(true)
  return changed
}

const onto = (what: Locator, goal: Locator) => () => carry(page, what, goal)

/** Presses keys on a thing; it keeps the focus. */
const press =
  (what: Locator, ...keys: string[]) =>
  async () => {
    const thing = await what.elementHandle()
    await thing.focus()
    for (const key of keys) {
      await page.keyboard.press(key)
      expect(await thing.evaluate((element) => element === document.activeElement)).toBe(true)
    }
  }

const calls = (changed: JsonObject) => (changed.execution_config as [string, string][][])[0]
const layers = (changed: JsonObject) =>
  (changed.layer_config as Record<string, string[]>[]).map((one) => Object.entries(one))

const swappedCalls = [
  ['Ada', 'clear_replies'],
  ['Ada', 'make_replies'],
  ['Ben', 'make_replies'],
  ['Cleo', 'make_replies'],
]
const swappedRegions = [
  [
    ['upper', ['Ben', 'Ada']],
    ['lower', ['Cleo']],
  ],
  [['last', ['Ada']]],
]
const swappedChains = [
  [
    ['lower', ['Cleo']],
    ['upper', ['Ada', 'Ben']],
  ],
  [['last', ['Ada']]],
]
const swappedLayers = [
  [['last', ['Ada']]],
  [
    ['upper', ['Ada', 'Ben']],
    ['lower', ['Cleo']],
  ],
]

test('methods, regions, chains and layers are put in another order by dragging them', async () => {
  expect(calls(await oneStep(onto(method('clear_replies'), method('make_replies'))))).toEqual(
    swappedCalls,
  )
  expect(layers(await oneStep(onto(member('Ben'), member('Ada'))))).toEqual(swappedRegions)
  expect(layers(await oneStep(onto(chainName('lower'), chain('upper'))))).toEqual(swappedChains)
  expect(layers(await oneStep(onto(title(2), layer(1))))).toEqual(swappedLayers)
})

test('methods, regions, chains and layers are put in another order by keys', async () => {
  expect(
    calls(await oneStep(press(method('clear_replies'), 'Shift+ArrowLeft', 'Shift+ArrowLeft'))),
  ).toEqual(swappedCalls)
  expect(layers(await oneStep(press(member('Ben'), 'Shift+ArrowUp', 'Shift+ArrowUp')))).toEqual(
    swappedRegions,
  )
  expect(
    layers(await oneStep(press(chainName('upper'), 'Shift+ArrowDown', 'Shift+ArrowDown'))),
  ).toEqual(swappedChains)
  expect(layers(await oneStep(press(title(2), 'Shift+ArrowLeft')))).toEqual(swappedLayers)
})

test('a chain is picked up, carried and put down with the keyboard', async () => {
  const changed = await oneStep(async () => {
    await chainName('lower').focus()
    await page.keyboard.press('Space')
    // The library listens to arrows a moment after the Space.
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowUp')
        return chain('upper').getAttribute('data-over')
      })
      .toBe('true')
    await page.keyboard.press('Space')
    await page.locator('[data-over]').waitFor({ state: 'detached' })
  })
  expect(layers(changed)).toEqual(swappedChains)
})
