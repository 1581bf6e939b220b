import { expect, test } from 'vitest'
import { stage } from './stage'
import { keep } from './watching'

const here = stage()

/** How many points of the traffic's canvas are painted, in the page. */
const painted = (canvas: HTMLCanvasElement): number => {
  const { width, height } = canvas
  const data = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
  return data.filter((value, index) => index % 4 === 3 && value > 0).length
}

test('a newcomer loads the lookup, presses Run, sees messages move and reads the answer', async () => {
  const page = await here.browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.goto(here.serving.url)
  await page.getByRole('button', { name: 'Templates' }).click()
  await page.getByRole('button', { name: 'Lookup' }).click()
  await page.getByText('Historian').first().waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()

  await page.getByText('running', { exact: true }).waitFor({ timeout: 60_000 })
  await page.getByText(/\b[3-9] messages/).waitFor({ timeout: 90_000 })
  expect(await page.getByTestId('traffic').evaluate(painted)).toBeGreaterThan(0)
  await keep(page, 'newcomer-running')

  await page.getByText('succeeded', { exact: true }).waitFor({ timeout: 60_000 })
  const answer = page.getByTestId('answer')
  await answer.waitFor()
  expect(await answer.textContent()).toContain('silver bell')
  await keep(page, 'newcomer-answer')
  await page.close()
}, 180_000)
