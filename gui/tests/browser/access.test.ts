import { expect, test } from 'vitest'
import { asking } from './asking'
import { dropFiles, openEditor, region } from './editing'
import { stage } from './stage'
import { faultsInBothThemes } from './watching'

const here = stage()

test('no window or menu over the page has a fault of access; Escape closes each and goes back', async () => {
  const page = await openEditor(here.browser, here.serving.url)
  await dropFiles(page, [{ name: 'asking.json', text: JSON.stringify(asking) }])
  const dialog = page.getByRole('dialog')
  const asker = region(page, 'Asker')

  for (const [key, content] of [
    ['Control+k', 'Lay the regions out'],
    ['c', 'what it sends there is printed'],
    ['?', 'On the canvas'],
  ] as const) {
    await asker.click()
    await page.keyboard.press(key)
    await dialog.getByText(content).first().waitFor()
    expect(await faultsInBothThemes(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.locator('[data-region]:focus').waitFor()
  }

  await page.keyboard.press('Control+k')
  await page.keyboard.type('template')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: /Lookup/ }).waitFor()
  expect(await faultsInBothThemes(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  for (const name of ['Export', 'Edit layer 1', 'Add a method to Asker']) {
    const opener = page.getByRole('button', { name, exact: true }).first()
    await opener.click()
    await page.getByRole('menu').waitFor()
    expect(await faultsInBothThemes(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)
  }
  await page.context().close()
})
