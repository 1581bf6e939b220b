import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asking } from './asking'
import { cluster } from './cluster'
import { dropFiles, openEditor, region } from './editing'
import { faultsInBothThemes } from './watching'

const regions = ['--region', 'Asker', '--region', 'Teller', '--postmaster', '--llm', 'default']
const here = cluster({ cellar: regions })

let page: Page

beforeEach(async () => {
  page = await openEditor(here.it.browser, here.it.serving.url)
  await dropFiles(page, [{ name: 'asking.json', text: JSON.stringify(asking) }])
  await region(page, 'Asker').waitFor()
})

afterEach(() => page.close())

const choose = async (way: string) => {
  await page.getByRole('button', { name: 'More ways to run' }).click()
  await page.getByRole('menuitem', { name: way }).click()
}

test('beside Run, one chooses which layers are run; no other is', async () => {
  await choose('With options…')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('To').selectOption('Layer 2 (tell)')
  expect(await faultsInBothThemes(page)).toEqual([])
  await dialog.getByLabel('Time limit, in seconds').fill('60')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await page.getByText('succeeded', { exact: true }).waitFor()
  await page.getByText('2 of 2 layers').waitFor()
})

test('beside Run, one has it run layer by layer', async () => {
  await choose('Layer by layer')
  await page.getByRole('button', { name: 'Next layer' }).click()
  await page.getByText('1 of 3 layers').waitFor()
})
