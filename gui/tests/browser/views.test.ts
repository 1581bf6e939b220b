import { writeFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { longRun } from '@/model/run/fixtures/longRun'
import { stage } from './stage'
import { axeFaults, keep, overhang, quantile } from './watching'

const here = stage()

const lookup = new URL('../../src/model/run/fixtures/lookup.recording.json', import.meta.url)
  .pathname

interface Screen {
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
}

async function at(hash: string, { width, height, theme }: Screen): Promise<Page> {
  const context = await here.browser.newContext({ viewport: { width, height }, colorScheme: theme })
  const page = await context.newPage()
  await page.addInitScript((kept) => localStorage.setItem('regions.theme', kept), theme)
  await page.goto(`${here.serving.url}/${hash}`)
  return page
}

async function recorded(file: string, screen: Screen): Promise<Page> {
  const page = await at('#/recording', screen)
  await page.getByTestId('recording-file').setInputFiles(file)
  await page.getByTestId('elapsed').waitFor()
  return page
}

const wide = { width: 1280, height: 720 }
const phone = { width: 390, height: 844 }

test.each(['light', 'dark'] as const)('run views have no faults of access, %s', async (theme) => {
  const page = await recorded(lookup, { ...wide, theme })
  await page.locator('[data-region]').first().waitFor()
  expect(await axeFaults(page)).toEqual([])
  await keep(page, `recording-timeline-${theme}`)
  await page.getByRole('tab', { name: 'Messages' }).click()
  await page.locator('[id=message-2]').click()
  await page.getByTestId('message-text').waitFor()
  expect(await axeFaults(page)).toEqual([])
  await keep(page, `recording-messages-${theme}`)
  await page.getByRole('tab', { name: 'Answers' }).click()
  await page.getByTestId('answers').waitFor()
  expect(await axeFaults(page)).toEqual([])
  for (const hash of ['#/runs', '#/machines', '#/recording']) {
    await page.goto(`${here.serving.url}/${hash}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await axeFaults(page)).toEqual([])
  }
  await page.context().close()
})

test('at 390 pixels every run view fits without scrolling sideways', async () => {
  const page = await recorded(lookup, { ...phone, theme: 'light' })
  expect(await overhang(page)).toBeLessThanOrEqual(0)
  await keep(page, 'recording-390')
  for (const tab of ['Messages', 'Answers']) {
    await page.getByRole('tab', { name: tab }).click()
    expect(await overhang(page)).toBeLessThanOrEqual(0)
  }
  for (const hash of ['#/runs', '#/machines', '#/recording']) {
    await page.goto(`${here.serving.url}/${hash}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await overhang(page)).toBeLessThanOrEqual(0)
  }
  await page.context().close()
})

test('a run of 20,000 events is scrubbed, and its view painted, without a wait', async () => {
  const file = `${here.home}/long.json`
  await writeFile(
    file,
    JSON.stringify({ version: 1, run: { run: 'long' }, events: longRun(20_000) }),
  )
  const page = await recorded(file, { ...wide, theme: 'light' })
  const range = page.getByRole('slider', { name: 'Instant' })
  await range.waitFor()
  const times = await range.evaluate((slider: HTMLInputElement) => {
    return Array.from({ length: 100 }, (_, index) => {
      Reflect.set(HTMLInputElement.prototype, 'value', String((index * 7919) % 20_000), slider)
      const begun = performance.now()
      slider.dispatchEvent(new Event('input', { bubbles: true }))
      return performance.now() - begun
    })
  })
  console.log(
    `a jump with its render: median ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`,
  )
  await page.getByText(`event ${(99 * 7919) % 20_000} of 20000`).waitFor()
  expect(quantile(times, 0.5)).toBeLessThan(5)
  await page.context().close()
})
