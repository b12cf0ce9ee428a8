// A real browser that agrees on HTTP/2: event streams and WebSockets share one connection, and there is no six of anything.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'

const STREAMS = 100
const MESSAGES = 20

let browser
let folder
let server

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-http2-'))
  browser = await launch()
  server = await startServer({
    data: path.join(folder, 'data'),
    flags: ['--dev-tls', '--access-log', path.join(folder, 'access.jsonl')],
    log: 'browser-http2',
  })
})

after(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a hundred event streams and two WebSockets share a connection', { timeout: 60_000 }, async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(server.url)
  const seen = await page.evaluate(
    async ([streams, messages]) => {
      const channel = '/v1/stream/many'
      const type = { 'Content-Type': 'text/plain' }
      const socketUrl = (where, ...protocols) => new WebSocket(new URL(where, location.href).href.replace('http', 'ws'), protocols)
      const opened = (it) =>
        new Promise((resolve, reject) => {
          it.onopen = resolve
          it.onerror = () => reject(new Error(`${it.url} was not opened`))
        })
      await fetch(channel, { method: 'PUT', headers: type })
      const readers = [...Array(streams)].map(() => ({ events: new EventSource(channel), got: [] }))
      await Promise.all(readers.map(({ events }) => opened(events)))
      const socket = socketUrl(channel)
      const line = socketUrl('/live', 'switchboard.v1')
      readers.push({ events: socket, got: [] })
      await Promise.all([opened(socket), opened(line)])
      const all = Promise.all(
        readers.map(
          ({ events, got }) =>
            new Promise((resolve) => {
              events.onmessage = ({ data }) => got.push(data) === messages && resolve()
            }),
        ),
      )
      for (let i = 0; i < messages; i++) {
        if (i % 2) socket.send(`message ${i}`)
        else await fetch(channel, { method: 'POST', headers: type, body: `message ${i}` })
        while (readers[0].got.length <= i) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await all
      const closed = new Promise((resolve) => {
        socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean })
      })
      socket.close(1000)
      return {
        version: performance.getEntriesByType('navigation')[0].nextHopProtocol,
        protocol: line.protocol,
        closed: await closed,
        got: readers.map(({ got }) => got.join()),
      }
    },
    [STREAMS, MESSAGES],
  )
  await page.locator('#many').click()
  await page.waitForFunction(
    () => /^100 event streams are open on the page’s one connection of HTTP\/2\. Messages so far, each: [1-9]/.test(document.querySelector('#many-word').textContent),
    undefined,
    { timeout: 30_000 },
  )
  if (process.env.SCREENSHOT) await page.locator('section.server').screenshot({ path: process.env.SCREENSHOT })
  await page.locator('#many').click()
  assert.match(await page.locator('#many-word').textContent(), /^This page came over HTTP\/2/)
  assert.equal(seen.version, 'h2')
  assert.equal(seen.protocol, 'switchboard.v1')
  assert.deepEqual(seen.closed, { code: 1000, wasClean: true })
  const sent = [...Array(MESSAGES).keys()].map((i) => `message ${i}`).join()
  assert.equal(seen.got.length, STREAMS + 1)
  for (const got of seen.got) assert.equal(got, sent)
  await context.close()
  await server.stop()
  server = undefined
  const versions = new Set(
    readFileSync(path.join(folder, 'access.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).http),
  )
  assert.deepEqual([...versions], ['2'])
})
