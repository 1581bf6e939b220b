import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { cluster } from './cluster'
import { openEditor, region } from './editing'
import { axeFaults, keep } from './watching'

const there = cluster({ nas: ['--llm', 'default'] })

const told = (page: Page, words: RegExp) =>
  region(page, 'Historian').getByRole('img', { name: words })

const ill = /^The model “default” on .*nas.* does not answer\. Start its server again/

test('a model that is lent and goes down is told on the regions that need it', async () => {
  const { browser, serving, model } = there.it
  const page = await openEditor(browser, serving.url)
  await page.getByRole('button', { name: 'Templates' }).click()
  await page.getByRole('button', { name: 'Lookup' }).click()
  await told(page, /^The model “default” on .*nas.* is ready\.$/).waitFor()

  model.end()
  await told(page, ill).waitFor()
  expect(await region(page, 'Facts').getByRole('img', { name: ill }).count()).toBe(0)

  await region(page, 'Historian').click()
  await page.getByText('Start its server again').waitFor()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const theme of ['light', 'dark'] as const) {
    expect(await axeFaults(page)).toEqual([])
    await keep(page, `health-${theme}`)
    await page.getByRole('button', { name: /colours$/ }).click()
  }

  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await region(page, 'Historian').getByText('waits for a worker').waitFor()
  await told(page, ill).waitFor()
  await region(page, 'Historian').click()
  await page.getByText('Start its server again').waitFor()
  await page.getByRole('button', { name: 'One event back' }).click()
  await told(page, ill).waitFor({ state: 'hidden' })
})
