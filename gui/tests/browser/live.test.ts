import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { room } from './bars'
import { folder, Serving, Staging } from './serving'
import { launch, quantile } from './watching'

let browser: Browser
let home: Awaited<ReturnType<typeof folder>>
let staging: Staging
let serving: Serving

beforeAll(async () => {
  home = await folder()
  staging = await Staging.start(`${home.path}/broker`)
  serving = await Serving.start(home.path, staging.redis)
  browser = await launch()
})

afterAll(async () => {
  await browser.close()
  await serving.end()
  await staging.end()
  await home.remove()
})

interface Painted {
  readonly messages: number
  readonly at: number
}

/** Notes, in the page, when each count of messages had been painted. */
async function notePaints(page: Page): Promise<void> {
  await page.evaluate(() => {
    const painted: { messages: number; at: number }[] = []
    Object.assign(window, { painted })
    const shown = () =>
      Number(/(\d+) messages?/.exec(document.querySelector('h1 ~ p')?.textContent ?? '')?.[1] ?? 0)
    let last = 0
    new MutationObserver(() => {
      const messages = shown()
      if (messages === last) return
      last = messages
      const paint = new MessageChannel()
      paint.port1.onmessage = () => painted.push({ messages, at: Date.now() / 1000 })
      // The frame is painted once the task behind its animation frame runs.
      requestAnimationFrame(() => paint.port2.postMessage(null))
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}

const paintsOf = (page: Page) =>
  page.evaluate(() => (window as unknown as { painted: Painted[] }).painted)

async function watching(run: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.goto(`${serving.url}/#/runs/${run}`)
  await page.getByText('running', { exact: true }).waitFor()
  return page
}

test('at 300 events a second, an event is painted at once', async () => {
  const play = await staging.open('fast', 300, 10)
  const page = await watching('fast')
  await notePaints(page)
  await play()
  await page.getByText('succeeded', { exact: true }).waitFor()
  const routed = await serving.get<{ at: number }[]>('runs/fast/trace')
  const painted = await paintsOf(page)
  const delays = routed.map(({ at }, index) => {
    const first = painted.find(({ messages }) => messages > index)
    return ((first?.at ?? Infinity) - at) * 1000
  })
  console.log(
    `event to paint: median ${quantile(delays, 0.5).toFixed(0)} ms, p95 ${quantile(delays, 0.95).toFixed(0)} ms; the bar is 100`,
  )
  expect(routed).toHaveLength(752)
  expect(quantile(delays, 0.95)).toBeLessThanOrEqual(100 * room)
  await page.close()
})

test('at 50 events a second, messages move smoothly', async () => {
  const play = await staging.open('slow', 50, 6)
  const page = await watching('slow')
  const counting = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const begun = performance.now()
        let frames = 0
        const next = (now: number) => {
          frames += 1
          if (now - begun < 5000) requestAnimationFrame(next)
          else resolve((frames * 1000) / (now - begun))
        }
        requestAnimationFrame(next)
      }),
  )
  await play()
  const rate = await counting
  console.log(`frames a second: ${rate.toFixed(1)}; the bar is 50`)
  expect(rate).toBeGreaterThanOrEqual(50 / room)
  await page.close()
})

test('after a restart of the coordinator a view goes on within 2 s, nothing lost or doubled', async () => {
  const play = await staging.open('restarted', 100, 8)
  const page = await watching('restarted')
  await notePaints(page)
  const played = play()
  await page.getByText(/\d\d messages/).waitFor()
  const { port } = serving
  await serving.end('SIGKILL')
  await page.getByText('The coordinator is away').waitFor()
  serving = await Serving.start(home.path, staging.redis, port)
  const back = Date.now() / 1000
  await page.getByText('The coordinator is away').waitFor({ state: 'hidden' })
  await played
  await page.getByText('succeeded', { exact: true }).waitFor()
  const resumed = (await paintsOf(page)).find(({ at }) => at > back)
  console.log(
    `view goes on after ${(((resumed?.at ?? Infinity) - back) * 1000).toFixed(0)} ms; the bar is 2000`,
  )
  expect((resumed?.at ?? Infinity) - back).toBeLessThanOrEqual(2)
  const { events } = await serving.get<{ events: unknown[] }>('runs/restarted/recording')
  await page.getByText(`event ${events.length} of ${events.length}`).waitFor()
  await page.getByText('200 messages', { exact: true }).waitFor()
  await page.close()
})
