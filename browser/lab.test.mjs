// The controls of the lab at /, in a real browser: each of them does to the panels what it says, and to the server too.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'

const PANELS = ['polling', 'long-poll', 'sse', 'websocket']
const SEEN_MILLIS_MAX = 60_000

let browser
let running
let page
const said = []

before(async () => {
  browser = await launch()
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-lab-'))
  running = { data, server: await startServer({ data, log: 'browser-lab' }) }
  page = await browser.newPage()
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
  await page.goto(`${running.server.url}/`)
})

after(async () => {
  await browser?.close()
  await running?.server.stop()
  if (running !== undefined) rmSync(running.data, { recursive: true, force: true })
})

test('the panels go through the relay, where bytes of both directions and connections are counted', async () => {
  await holds(() => document.querySelector('#relay').checked && !document.querySelector('#network-group').disabled)
  await holds((panels) =>
    panels.every((panel) => {
      const shown = (name) => document.querySelector(`#${panel} [data-field="${name}"]`).textContent
      return shown('connections') === '1' && /^[1-9]/.test(shown('up')) && shown('delay') !== '–'
    }), PANELS)
  assert.deepEqual(said, [], 'nothing is refused, by the content policy or by CORS')
})

test('where a hundred event streams would need a hundred connections, the page says so', async () => {
  assert.ok(await page.locator('#many').isDisabled())
  assert.match(await page.locator('#many-word').textContent(), /^This page came over HTTP\/1\.1: .* six connections/)
})

test('the line of time shows what was published and what arrived, a lane each', async () => {
  // Which of the page's colours are on the canvas, at all and in which lane first.
  const colours = () =>
    page.evaluate((panels) => {
      const canvas = document.querySelector('#timeline')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      const style = getComputedStyle(canvas)
      return Object.fromEntries(
        ['ink', ...panels].map((name) => {
          const [r, g, b] = /^#(..)(..)(..)$/.exec(style.getPropertyValue(`--${name}`).trim()).slice(1).map((hex) => parseInt(hex, 16))
          let count = 0
          // Behind the names of the lanes.
          for (let y = 0; y < canvas.height; y++) {
            for (let x = 110; x < canvas.width; x++) {
              const at = 4 * (y * canvas.width + x)
              if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) count++
            }
          }
          return [name, count]
        }),
      )
    }, PANELS)
  await until(async () => Object.values(await colours()).every((count) => count >= 20))
  await page.check('input[name="window"][value="10"]', { force: true })
  await until(async () => Object.values(await colours()).every((count) => count >= 20))
})

test('rate and size of messages are as chosen', async () => {
  await slide('rate', 8) // 20 a second
  await slide('size', 3) // 1,000 bytes
  assert.equal(await page.textContent('#rate-shown'), '20 / s')
  await holds(() => Number.parseFloat(document.querySelector('#measured').textContent) > 12)
  await holds(() => /"x":"x{40,}/.test(document.querySelector('#websocket [data-field="last"]').textContent))
  const length = await page.evaluate(async () => (await (await fetch('/v1/stream/lab/ticks?last=1')).text()).length)
  assert.equal(length, '[]'.length + 1_000)
  await slide('size', 0)
  await slide('rate', 11) // 200 a second: several go in one request where the page is not that quick
  await holds(() => Number.parseFloat(document.querySelector('#measured').textContent) > 60)
  await slide('rate', 0)
  assert.equal(await page.textContent('#rate-shown'), '1 / min')
  await slide('rate', 6)
  await unharmed()
})

test('polling asks as often as chosen', async () => {
  const requests = async () => Number((await field('polling', 'requests')).replaceAll(',', ''))
  await slide('interval', 7)
  assert.equal(await page.textContent('#interval-shown'), '60 s')
  await slide('interval', 0)
  assert.equal(await page.textContent('#interval-shown'), '250 ms')
  const first = await requests()
  await until(async () => (await requests()) >= first + 6)
})

test('viewers are real connections of the kind chosen, and as many', async () => {
  await slide('viewers', 3) // 50
  await shows('#viewers-open', '50 of 50')
  assert.ok((await connections('sse')) >= 50)
  await page.check('input[name="carrier"][value="websocket"]', { force: true })
  await until(async () => (await connections('websocket')) >= 50 && (await connections('sse')) < 50)
  await shows('#viewers-open', '50 of 50')
  await holds(() => /B \/ s$/.test(document.querySelector('#viewers-down').textContent))
  await holds(() => Number(document.querySelector('#connections').textContent) >= 50)
  await slide('viewers', 1)
  await shows('#viewers-open', '1 of 1')
  await slide('viewers', 0)
  await until(async () => (await connections('websocket')) < 50)
  await shows('#viewers-open', '–')
})

test('what a viewer costs the server is told once it was seen without and with them', async () => {
  await page.check('input[name="carrier"][value="sse"]', { force: true })
  await holds(() => /50 viewers or more/.test(document.querySelector('#server-word').textContent))
  await slide('viewers', 4)
  await holds(() => /s$/.test(document.querySelector('#costs [data-way="sse"] .burden').textContent))
  await slide('viewers', 0)
})

test('delay and loss of the network make messages later, and lose none', async () => {
  await slide('delay', 5) // 200 ms there and back
  await until(async () => (await delay('sse')) >= 100 && (await delay('websocket')) >= 100)
  await slide('delay', 0)
  await slide('loss', 6) // a fifth
  await slide('rate', 8)
  await until(async () => (await delay('sse')) >= 200)
  await slide('loss', 0)
  await slide('rate', 6)
  await unharmed()
})

test('with the plug pulled every panel reconnects until it is in again, and then has missed nothing', async () => {
  await page.click('#plug')
  await shows('#plug', 'Plug it in')
  await holds((panels) => panels.every((panel) => document.getElementById(panel).dataset.state !== 'live'), PANELS)
  const published = Number((await page.textContent('#published')).replaceAll(',', ''))
  await until(async () => Number((await page.textContent('#published')).replaceAll(',', '')) >= published + 10)
  await page.click('#plug')
  await live(PANELS)
  for (const panel of PANELS) assert.match(await field(panel, 'break'), /s$/, `${panel} tells how long it was cut off`)
  await unharmed()
})

test('through a proxy that strips Upgrade the WebSocket alone cannot come back', async () => {
  await page.click('#strip')
  await holds(() => ['waiting', 'unavailable', 'connecting'].includes(document.querySelector('#websocket').dataset.state))
  await holds(() => /does not open a WebSocket/.test(document.querySelector('#websocket [data-field="reason"]').textContent))
  await live(PANELS.slice(0, 3))
  await page.click('#strip')
  await live(PANELS)
  await unharmed()
})

test('without the relay the panels read on directly, and back through it', async () => {
  await page.uncheck('#relay', { force: true })
  await holds((panels) => panels.every((panel) => document.querySelector(`#${panel} [data-field="connections"]`).textContent === '–'), PANELS)
  await live(PANELS)
  assert.equal(await page.isDisabled('#plug'), true)
  await page.check('#relay', { force: true })
  await holds((panels) => panels.every((panel) => document.querySelector(`#${panel} [data-field="connections"]`).textContent === '1'), PANELS)
  await live(PANELS)
  await unharmed()
})

test('after the server was killed and restarted, the lab is as it was wished', async () => {
  await slide('viewers', 2) // 10
  await slide('delay', 2) // 25 ms
  await shows('#viewers-open', '10 of 10')
  await running.server.kill()
  await holds(() => document.querySelector('#sse').dataset.state === 'waiting')
  running.server = await startServer({ data: running.data, port: running.server.port, log: 'browser-lab' })
  await shows('#viewers-open', '10 of 10')
  await live(PANELS)
  assert.equal(await page.textContent('#delay-shown'), '25 ms')
  await until(async () => (await delay('sse')) >= 12)
  await unharmed()
})

test('another page of the lab shows what holds, and a page that leaves puts it back', async () => {
  const other = await browser.newPage()
  await other.goto(`${running.server.url}/`)
  await other.waitForFunction(() => document.querySelector('#viewers-shown').textContent === '10', null, { timeout: SEEN_MILLIS_MAX })
  assert.equal(await other.textContent('#delay-shown'), '25 ms')
  await other.close({ runBeforeUnload: true })
  await shows('#viewers-shown', 'none')
  await shows('#delay-shown', 'none')
})

test('a server without a lab says why, and its page does the rest', async () => {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-lab-'))
  const server = await startServer({ data, log: 'browser-lab', flags: ['--lab', 'off'] })
  try {
    const plain = await browser.newPage()
    await plain.goto(`${server.url}/`)
    await plain.waitForFunction(() => /lab: off/.test(document.querySelector('#lab-problem').textContent), null, { timeout: SEEN_MILLIS_MAX })
    assert.equal(await plain.isDisabled('#viewers'), true)
    assert.equal(await plain.isDisabled('#plug'), true)
    await plain.waitForFunction(() => /\d/.test(document.querySelector('#websocket [data-field="median"]').textContent), null, { timeout: SEEN_MILLIS_MAX })
    await plain.close()
  } finally {
    await server.stop()
    rmSync(data, { recursive: true, force: true })
  }
})

const field = (panel, name) => page.textContent(`#${panel} [data-field="${name}"]`)

const holds = (condition, argument) => page.waitForFunction(condition, argument, { timeout: SEEN_MILLIS_MAX })

const shows = (selector, text) =>
  page
    .waitForFunction(([at, wanted]) => document.querySelector(at).textContent === wanted, [selector, text], { timeout: SEEN_MILLIS_MAX })
    .catch(async () => assert.equal(await page.textContent(selector), text))

const live = (panels) => holds((all) => all.every((panel) => document.getElementById(panel).dataset.state === 'live'), panels)

async function until(condition) {
  const deadline = Date.now() + SEEN_MILLIS_MAX
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `not within ${SEEN_MILLIS_MAX} ms: ${condition}`)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  }
}

/** Chooses as somebody with arrow keys would. */
const slide = (id, step) =>
  page.$eval(
    `#${id}`,
    (input, value) => {
      input.value = String(value)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    },
    step,
  )

/** The delay that a panel shows, in milliseconds. */
async function delay(panel) {
  return Number(await field(panel, 'delay')) * ((await field(panel, 'unit')) === 's' ? 1_000 : 1)
}

async function connections(transport) {
  const text = await (await fetch(`${running.server.url}/metrics`)).text()
  return Number(new RegExp(`^switchboard_connections\\{transport="${transport}"\\} (.*)$`, 'm').exec(text)?.[1] ?? 0)
}

async function unharmed() {
  for (const panel of PANELS) {
    assert.equal(await field(panel, 'missed'), '0', `${panel} missed`)
    assert.equal(await field(panel, 'duplicates'), '0', `${panel} duplicates`)
  }
}
