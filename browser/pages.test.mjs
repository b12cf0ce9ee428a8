// The example pages, in a real browser and from another origin, while the server behind them is killed and restarted.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { home, startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'

const NUMBERS = 60
const KILLED_AFTER = 30
const SEEN_MILLIS_MAX = 60_000
const examples = path.join(home, 'examples')

let browser
let files
let filesUrl

before(async () => {
  browser = await launch()
  files = createServer((request, response) => {
    const name = path.basename(new URL(request.url, 'http://files').pathname)
    try {
      const page = readFileSync(path.join(examples, name))
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page)
    } catch {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await once(files, 'listening')
  filesUrl = `http://127.0.0.1:${files.address().port}`
})

after(async () => {
  await browser?.close()
  files?.close()
  files?.closeAllConnections()
})

for (const name of ['eventsource.html', 'poll.html']) {
  test(`${name} shows every message once and in order while the server is killed and restarted`, async () => {
    await withServer(name, async (running) => {
      const page = await open(`${filesUrl}/${name}`, running)
      for (let n = 1; n <= NUMBERS; n++) {
        await publish(running.server.url, n)
        if (n === 1) await sees(page, 1)
        if (n === KILLED_AFTER) {
          await running.server.kill()
          const late = publish(running.server.url, n + 1) // tried again until the server is back
          running.server = await startServer({ data: running.data, port: running.server.port, log: `browser-${name}` })
          await late
          n++
        }
        await pause(20)
      }
      await sees(page, NUMBERS)
      // One more: what would arrive twice, or late, would stand before it.
      await publish(running.server.url, NUMBERS + 1)
      await sees(page, NUMBERS + 1)
    })
  })

  test(`${name} works when opened from a folder`, async () => {
    await withServer(name, async (running) => {
      const page = await open(pathToFileURL(path.join(examples, name)).href, running)
      for (let n = 1; n <= 3; n++) await publish(running.server.url, n)
      await sees(page, 3)
    })
  })
}

async function withServer(name, use) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-browser-'))
  const running = { data, server: await startServer({ data, log: `browser-${name}` }) }
  try {
    const created = await fetch(`${running.server.url}/v1/stream/numbers`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(created.status, 201)
    await use(running)
  } finally {
    await running.server.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function open(address, { server }) {
  const page = await browser.newPage()
  page.on('pageerror', (error) => assert.fail(error))
  await page.goto(`${address}?server=${encodeURIComponent(server.url)}&channel=numbers`)
  return page
}

/** Appends one number; the producer's sequence makes trying again harmless. */
async function publish(url, n) {
  const deadline = Date.now() + SEEN_MILLIS_MAX
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/stream/numbers`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Producer-Id': 'writer',
          'Producer-Epoch': '0',
          'Producer-Seq': String(n - 1),
        },
        body: JSON.stringify({ n }),
      })
      await response.text()
      assert.ok(response.ok, `POST ${n}: ${response.status}`)
      return
    } catch (error) {
      if (error instanceof assert.AssertionError || Date.now() > deadline) throw error
      await pause(50)
    }
  }
}

async function sees(page, count) {
  await page
    .waitForFunction((wanted) => document.querySelectorAll('#list li').length >= wanted, count, { timeout: SEEN_MILLIS_MAX })
    .catch(() => undefined) // the comparison below says more
  const shown = await page.$$eval('#list li', (items) => items.map((item) => JSON.parse(item.textContent).n))
  assert.deepEqual(shown, Array.from({ length: count }, (_, i) => i + 1))
}
