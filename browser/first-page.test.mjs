// The page that a server shows at /, in a real browser: it publishes and listens by itself, and says what it saw.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'

// SWITCH HERE: false leaves the WebSocket out, for servers that open none. Then that panel has to say so, and what
// the console says of the refusals is passed over.
const WEBSOCKET_IS_SERVED = true

const PANELS = ['polling', 'long-poll', 'sse', ...(WEBSOCKET_IS_SERVED ? ['websocket'] : [])]
const SEEN_MILLIS_MAX = 60_000

let browser

before(async () => {
  browser = await launch()
})

after(async () => {
  await browser?.close()
})

test('the first page shows one channel over every way to read, without a message missed or shown twice', async () => {
  await withServer(async ({ server }) => {
    const { page, errors } = await open(`${server.url}/`)
    await sees(page, 5)
    for (const panel of PANELS) assert.match(await field(page, panel, 'median'), /^[0-9.]+ m?s$/, panel)
    await page.waitForFunction(() => /takes the fewest bytes/.test(document.querySelector('#verdict').textContent), null, {
      timeout: SEEN_MILLIS_MAX,
    })
    await checked(page)
    assert.deepEqual(errors(), [])
    if (!WEBSOCKET_IS_SERVED) assert.equal(await field(page, 'websocket', 'state'), 'Not available')
    const listed = await (await fetch(`${server.url}/v1/streams`)).json()
    assert.deepEqual(listed.channels.map(({ channel }) => channel), ['lab/ticks'])
  })
})

for (const [counted, flags] of [
  ['through the relay', []],
  ['by the page itself', ['--lab', 'off']],
]) {
  test(`the bytes of long-poll, counted ${counted}, are those that went over the wire`, async () => {
    await withServer(async ({ server }) => {
      const { page } = await open(`${server.url}/`)
      await sees(page, 3)
      if (flags.length === 0) await page.waitForFunction(() => /^1$/.test(document.querySelector('#long-poll [data-field="connections"]').textContent))
      await page.click('#publish') // pauses: from here on only what this test appends arrives
      await page.waitForFunction(() => document.querySelector('#publish').dataset.running === 'false')
      const before = await settled(page, 'long-poll')
      const offset = await tail(server.url)
      await append(server.url, { from: 'a test' })
      await page.waitForFunction(
        ([panel, seen]) => document.querySelector(`#${panel} [data-field="messages"]`).textContent !== seen,
        ['long-poll', before.messages],
        { timeout: SEEN_MILLIS_MAX },
      )
      const after = await settled(page, 'long-poll')
      // The same answer, asked for as the page did, in the form that undici gives it.
      const answer = await fetch(`${server.url}/v1/stream/lab/ticks?offset=${offset}&live=long-poll`)
      const fields = [...answer.headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
      const wire = 'HTTP/1.1 200 OK\r\n\r\n'.length + fields + (await answer.arrayBuffer()).byteLength
      // Cursors and keep-alive fields differ by some bytes; a header that was not counted differs by hundreds.
      assert.ok(Math.abs(after.bytes - before.bytes - wire) < 80, `${after.bytes - before.bytes} counted, ${wire} on the wire`)
    }, flags)
  })
}

test('the first page goes on where it stopped when the server is killed and restarted', async () => {
  await withServer(async (running) => {
    const { page } = await open(`${running.server.url}/`)
    await sees(page, 3)
    await running.server.kill()
    await page.waitForFunction(() => document.querySelector('#sse').dataset.state === 'waiting')
    running.server = await startServer({ data: running.data, port: running.server.port, log: 'browser-first-page' })
    const before = Number(await field(page, 'sse', 'messages'))
    await sees(page, before + 5)
    await checked(page)
  })
})

test('several pages on one channel do not disturb each other', async () => {
  await withServer(async ({ server }) => {
    const pages = [await open(`${server.url}/`), await open(`${server.url}/`)]
    for (const { page } of pages) await sees(page, 12)
    for (const { page } of pages) await checked(page)
  })
})

test('a page that nobody sees lets go of its connections, and goes on where it stopped when it is seen again', async () => {
  await withServer(async ({ server }) => {
    const { page } = await open(`${server.url}/`)
    await sees(page, 3)
    // A browser without a screen shows every tab, so the page is told otherwise.
    const hide = (hidden) =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => now })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await hide(true)
    await page.waitForFunction(() => document.querySelector('#sse').dataset.state === 'paused')
    const before = Number(await field(page, 'sse', 'messages'))
    for (let n = 1; n <= 3; n++) await append(server.url, { n })
    await hide(false)
    await sees(page, before + 6)
    await checked(page)
  })
})

test('the first page writes by itself only into channels below lab/', async () => {
  await withServer(async ({ server }) => {
    const { page } = await open(`${server.url}/?channel=orders`)
    await page.waitForFunction(() => document.querySelector('#sse').dataset.state === 'live')
    await append(server.url, { order: 4711 }, 'orders')
    await sees(page, 1)
    assert.equal(await page.textContent('#published'), '0')
    assert.equal(await field(page, 'sse', 'last'), '{"order":4711}')
    await page.click('#publish')
    await sees(page, 3)
    await checked(page)
  })
})

async function withServer(use, flags = []) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-first-page-'))
  const running = { data, server: await startServer({ data, flags, log: 'browser-first-page' }) }
  try {
    await use(running)
  } finally {
    for (const context of browser.contexts()) await context.close()
    await running.server.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function open(address) {
  const page = await browser.newPage()
  const said = []
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
  await page.goto(address)
  const refusal = /^WebSocket connection to 'ws:/
  return { page, errors: () => said.filter((line) => WEBSOCKET_IS_SERVED || !refusal.test(line)) }
}

const field = (page, panel, name) => page.textContent(`#${panel} [data-field="${name}"]`)

/** Waits until every panel has shown so many messages. */
async function sees(page, messages) {
  await page
    .waitForFunction(
      ([panels, least]) =>
        panels.every((panel) => {
          const shown = document.querySelector(`#${panel} [data-field="messages"]`).textContent
          return Number(shown.replaceAll(',', '')) >= least && document.getElementById(panel).dataset.state === 'live'
        }),
      [PANELS, messages],
      { timeout: SEEN_MILLIS_MAX },
    )
    .catch(async () => {
      const shown = await page.$$eval('.panel', (panels) => panels.map((panel) => panel.innerText.replaceAll('\n', ' ')))
      assert.fail(`not ${messages} messages everywhere:\n${shown.join('\n')}`)
    })
}

/** What a panel counted, once it counts no more: the browser tells the sizes of bodies a little later. */
async function settled(page, panel) {
  const read = () =>
    page.$eval(`#${panel}`, (root) => ({
      messages: root.querySelector('[data-field="messages"]').textContent,
      bytes: Number(root.querySelector('[data-field="bytes"]').title.replaceAll(/[^0-9]/g, '')),
    }))
  for (let last = await read(); ; ) {
    await pause(1_300) // longer than it takes to look at the relay, and to draw
    const next = await read()
    if (next.bytes === last.bytes) return next
    last = next
  }
}

async function tail(url) {
  const found = await fetch(`${url}/v1/stream/lab/ticks`, { method: 'HEAD' })
  return found.headers.get('Stream-Next-Offset')
}

async function append(url, message, channel = 'lab/ticks') {
  const response = await fetch(`${url}/v1/stream/${channel}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(message),
  })
  assert.equal(response.status, 204)
}

async function checked(page) {
  for (const panel of PANELS) {
    assert.equal(await field(page, panel, 'missed'), '0', `${panel} missed`)
    assert.equal(await field(page, panel, 'duplicates'), '0', `${panel} duplicates`)
    assert.equal(await field(page, panel, 'gaps'), '', `${panel} gaps`)
  }
  assert.equal(await page.isHidden('#problem'), true)
}
