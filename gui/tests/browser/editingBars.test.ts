import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { room } from './bars'
import { dropFiles, exported, middle, openEditor, openLarge, region } from './editing'
import { stage } from './stage'
import { axeFaults, keep, overhang, quantile } from './watching'

const here = stage()

afterEach(async () => {
  await Promise.all(here.browser.contexts().map((context) => context.close()))
})

const compat = async (name: string) => ({
  name: `${name}.json`,
  text: await readFile(new URL(`../../../tests/compat/${name}.json`, import.meta.url), 'utf8'),
})

/** The editor with the reference's workflow of two drafts, a listener and a broadcast. */
async function openRefine(): Promise<Page> {
  const page = await openEditor(here.browser, here.serving.url)
  await dropFiles(page, [await compat('refine_full_state')])
  await region(page, 'CombineReplies').waitFor()
  return page
}

const nameField = (page: Page) => page.getByRole('textbox', { name: 'Name' })

const undo = (page: Page) => page.getByRole('button', { name: /^Undo/ })

test('a connection snaps from 24 px, and none to the region itself is offered', async () => {
  const page = await openRefine()
  await page.getByRole('button', { name: 'Fit View' }).click()
  const edges = page.locator('.react-flow__edge')
  const before = await edges.count()
  const start = await middle(region(page, 'DraftA').locator('.source'))

  const own = await middle(region(page, 'DraftA').locator('.target'))
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(own.x, own.y, { steps: 6 })
  expect(await page.locator('.react-flow__connection.valid').count()).toBe(0)
  await page.mouse.up()
  expect(await edges.count()).toBe(before)

  const goal = await middle(region(page, 'DraftB').locator('.target'))
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(goal.x - 22, goal.y, { steps: 6 })
  await page.locator('.react-flow__connection.valid').waitFor({ state: 'attached' })
  await page.mouse.up()
  await expect.poll(() => edges.count()).toBe(before + 1)
  const { width, height } = await page
    .locator('.react-flow__handle')
    .first()
    .evaluate((handle) => ({ width: handle.clientWidth, height: handle.clientHeight }))
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(24)
})

test('a drag, a name, a deletion and a layout are one step of the history each', async () => {
  const page = await openRefine()
  const places = () =>
    page
      .locator('.react-flow__node')
      .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).style.transform).join())
  const original = await places()

  const from = await middle(region(page, 'DraftA'))
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 90, from.y + 70, { steps: 10 })
  await page.mouse.up()
  await expect.poll(places).not.toBe(original)
  await undo(page).click()
  await expect.poll(places).toBe(original)
  expect(await undo(page).isDisabled()).toBe(true)

  await region(page, 'DraftA').click()
  await nameField(page).fill('')
  await nameField(page).pressSequentially('First draft')
  await undo(page).click()
  await expect.poll(() => nameField(page).inputValue()).toBe('DraftA')
  expect(await undo(page).isDisabled()).toBe(true)

  await region(page, 'DraftA').focus()
  await page.keyboard.press('Delete')
  await region(page, 'DraftA').waitFor({ state: 'detached' })
  await undo(page).click()
  await region(page, 'DraftA').waitFor()
  expect(await undo(page).isDisabled()).toBe(true)

  await page.keyboard.press('Shift+L')
  await expect.poll(places).not.toBe(original)
  await undo(page).click()
  await expect.poll(places).toBe(original)
  expect(await undo(page).isDisabled()).toBe(true)
})

test('dragging one of 200 regions with 400 connections keeps its frames', async () => {
  const page = await openLarge(here.browser, here.serving.url, 200, 400)
  const tries = [await dragFrames(page), await dragFrames(page), await dragFrames(page)]
  // Other work on the machine only adds to a frame, so the best try is nearest to what it takes.
  const p95 = Math.min(...tries.map((frames) => quantile(frames, 0.95)))
  console.info(`drag among 200 regions: p95 frame ${p95.toFixed(1)} ms; the bar is 20`)
  expect(p95).toBeLessThanOrEqual(20 * room)
})

test('dragging one of 200 regions draws anew that region and its connections, and no other', async () => {
  const page = await openLarge(here.browser, here.serving.url, 200, 400)
  const node = page.locator('.react-flow__node').filter({ has: region(page, 'Region 105') })
  const dragged = (await node.first().getAttribute('data-id')) ?? ''
  const from = await middle(region(page, 'Region 105').first())
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 20, from.y + 20, { steps: 5 })
  await page.evaluate(() => {
    const drawn = new Set<string>()
    Object.assign(window, { drawn })
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement
        const one = element?.closest('.react-flow__node, .react-flow__edge')
        if (one) drawn.add(one.getAttribute('data-id') ?? '')
      }
    }).observe(document.body, {
      ...{ subtree: true, childList: true, characterData: true, attributes: true },
    })
  })
  await page.mouse.move(from.x + 80, from.y + 60, { steps: 20 })
  const drawn = await page.evaluate(() => [...(window as unknown as { drawn: Set<string> }).drawn])
  await page.mouse.up()
  expect(drawn).toContain(dragged)
  expect(drawn.filter((id) => !id.split('>').includes(dragged))).toEqual([])
})

/** How long each frame takes, in ms, while a region is dragged about. */
async function dragFrames(page: Page): Promise<number[]> {
  const from = await middle(region(page, 'Region 105').first())
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.evaluate(() => {
    const frames: number[] = []
    Object.assign(window, { frames })
    const note = (at: number) => {
      frames.push(at)
      if ((window as unknown as { frames: number[] }).frames === frames) requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
  })
  for (let step = 1; step <= 120; step += 1) {
    await page.mouse.move(from.x + step / 2, from.y + Math.sin(step / 9) * 40)
  }
  const times = await page.evaluate(() => {
    const noted = (window as unknown as { frames: number[] }).frames
    Object.assign(window, { frames: null })
    return noted
  })
  await page.mouse.up()
  return times.slice(1).map((at, before) => at - (times[before] ?? at))
}

test('a layout of 200 regions leaves the page free', async () => {
  const page = await openLarge(here.browser, here.serving.url, 200, 400)
  const took = await page.evaluate(async () => {
    const node = document.querySelector<HTMLElement>('.react-flow__node')
    const before = node?.style.transform
    const start = performance.now()
    dispatchEvent(
      new KeyboardEvent('keydown', { key: 'L', code: 'KeyL', shiftKey: true, cancelable: true }),
    )
    let longest = 0
    let last = start
    while (document.querySelector<HTMLElement>('.react-flow__node')?.style.transform === before) {
      await new Promise(requestAnimationFrame)
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    return { whole: last - start, longest }
  })
  console.info(
    `layout of 200: ${took.whole.toFixed(0)} ms until drawn, longest pause ${took.longest.toFixed(0)} ms; the bar is 400`,
  )
  expect(took.whole).toBeLessThan(400 * room)
})

test('a problem shows on its region and in the list, and a click goes there', async () => {
  const page = await openRefine()
  await region(page, 'DraftB').click()
  await nameField(page).fill('DraftA')
  await page.getByRole('button', { name: /\d errors?/ }).click()
  const marked = page.locator('[data-region][data-problem=error]')
  await expect.poll(() => marked.count()).toBe(1)
  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: /Problems/ }).click()
  await page.getByRole('button', { name: /Two regions are called/ }).click()
  await expect.poll(() => nameField(page).inputValue()).toBe('DraftA')
  expect(await marked.getAttribute('aria-pressed')).toBe('true')
})

test('every file form opens by dropping it; repairs are listed; refusals name file, place and type', async () => {
  const page = await openEditor(here.browser, here.serving.url)
  await dropFiles(page, [await compat('lookup_regions'), await compat('lookup_executions')])
  await page.getByText('lookup_regions.json: regions[1].connections: [] is read as {}').waitFor()
  await region(page, 'HistoricalFacts').waitFor()

  await dropFiles(page, [
    {
      name: 'bad.json',
      text: '{"regions": [{"name": 7}], "layer_config": [], "execution_config": []}',
    },
  ])
  await page.getByText("bad.json: regions[0].name: found 7, expected the region's name").waitFor()
  await region(page, 'HistoricalFacts').waitFor()
})

test('what is exported and opened again is the same document, and a reload loses nothing', async () => {
  const page = await openRefine()
  const save = async () => {
    await page.getByRole('button', { name: 'Export' }).click()
    return exported(page, () => page.getByRole('menuitem', { name: 'Full state' }).click())
  }
  const first = await save()
  await dropFiles(page, [{ name: 'again.json', text: JSON.stringify(first) }])
  await page.getByText('Opened “again”').waitFor()
  expect(await save()).toEqual(first)

  await region(page, 'DraftA').click()
  await page.getByLabel('Task').fill('Kept')
  await page.reload()
  await region(page, 'DraftA').click()
  expect(await page.getByLabel('Task').inputValue()).toBe('Kept')
})

test('there are fewer than 40 tab stops at 200 regions', async () => {
  const page = await openLarge(here.browser, here.serving.url, 200, 400)
  const stops = await page.evaluate(
    () =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'a[href], button, input, select, textarea, summary, [tabindex]',
        ),
      ].filter(
        (element) =>
          element.tabIndex >= 0 && !element.matches(':disabled') && element.checkVisibility(),
      ).length,
  )
  console.info(`tab stops at 200 regions: ${stops}`)
  expect(stops).toBeLessThan(40)
})

test('the first load is at most 220 kB, and 200 regions are there soon', async () => {
  const page = await openLarge(here.browser, here.serving.url, 200, 400)
  let bytes = 0
  page.on('response', (response) => {
    if (/\.(js|css)$|\/$/.test(new URL(response.url()).pathname)) {
      void response.body().then((body) => (bytes += gzipSync(body).length))
    }
  })
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelectorAll('.react-flow__node').length < 200) requestAnimationFrame(look)
      else requestAnimationFrame(() => performance.mark('ready'))
    }
    requestAnimationFrame(look)
  })
  const tries: number[] = []
  for (let count = 0; count < 3; count += 1) {
    bytes = 0
    await page.reload()
    await page.waitForFunction(() => performance.getEntriesByName('ready').length > 0)
    tries.push(
      await page.evaluate(() => performance.getEntriesByName('ready')[0]?.startTime ?? NaN),
    )
  }
  const ready = Math.min(...tries)
  await page.waitForLoadState('networkidle')
  console.info(
    `first load: ${(bytes / 1000).toFixed(0)} kB gzip; 200 regions in ${ready.toFixed(0)} ms; the bars are 220 and 1500`,
  )
  expect(bytes).toBeLessThanOrEqual(220_000)
  expect(ready).toBeLessThan(1500 * room)
})

const screens = [
  { name: 'plan-light', width: 1280, height: 720, theme: 'light' },
  { name: 'plan-dark', width: 1280, height: 720, theme: 'dark' },
  { name: 'plan-narrow', width: 390, height: 844, theme: 'light' },
] as const

test.each(screens)(
  '$name has no fault that axe knows, and no sideways scroll',
  async ({ name, ...screen }) => {
    const page = await openEditor(here.browser, here.serving.url, {
      ...screen,
      width: 1280,
      height: 720,
    })
    await dropFiles(page, [await compat('refine_full_state')])
    await region(page, 'DraftA').click()
    await page.getByRole('button', { name: 'Put away' }).click()
    await page.setViewportSize(screen)
    await page.getByRole('button', { name: 'Fit View' }).click()
    expect(await axeFaults(page)).toEqual([])
    expect(await overhang(page)).toBeLessThanOrEqual(0)
    if (screen.width > 640) {
      for (const tab of ['Plan', 'Problems']) {
        await page.getByRole('tab', { name: tab }).click()
        expect(await axeFaults(page)).toEqual([])
      }
      await page.getByRole('tab', { name: 'Selection' }).click()
    }
    await keep(page, name)
  },
)
