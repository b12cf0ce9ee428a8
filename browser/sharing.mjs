// What a page does where one connection carries all: a hundred event streams, two WebSockets, and requests among them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { Heads } from '../web/src/main/resources/io/switchboard/web/assets/framing.js'

const STREAMS = 100
const MESSAGES = 20

/**
 * What the first page's polls get in front of their content, in bytes: as the browser counts it, and as the page reckons it.
 *
 * @param {import('playwright-core').Page} page
 */
async function headsOf(page) {
  const heads = new Heads()
  const polls = new Map()
  const sums = { counted: 0, reckoned: 0, polls: 0 }
  const protocol = await page.context().newCDPSession(page)
  protocol.on('Network.responseReceived', ({ requestId, response }) => {
    const fields = Object.entries(response.headers)
    const reckoned = heads.bytes({ status: response.status, statusText: response.statusText, fields }, response.protocol)
    const length = Number(response.headers['content-length'])
    if (response.url.includes('lab/ticks?offset=') && length > 0) polls.set(requestId, { reckoned, length })
  })
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const poll = polls.get(requestId)
    if (poll === undefined) return
    sums.counted += encodedDataLength - poll.length
    sums.reckoned += poll.reckoned
    sums.polls++
  })
  await protocol.send('Network.enable')
  return sums
}

/**
 * Opens the first page and reads and writes a channel in it, with the button of the page too. Fails unless all comes in order
 * over `version`.
 *
 * @param {import('playwright-core').Page} page
 * @param {{ protocol: string, name: string }} version as ALPN calls it, and as people do
 */
export async function shareConnection(page, url, { protocol, name }) {
  const heads = await headsOf(page)
  await page.goto(url)
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
    (begin) => document.querySelector('#many-word').textContent.startsWith(begin) && /each: [1-9]/.test(document.querySelector('#many-word').textContent),
    `100 event streams are open on the page’s one connection of ${name}. Messages so far, `,
    { timeout: 30_000 },
  )
  if (process.env.SCREENSHOT) await page.locator('section.server').screenshot({ path: process.env.SCREENSHOT })
  await page.locator('#many').click()
  assert.ok((await page.locator('#many-word').textContent()).startsWith(`This page came over ${name}`))
  assert.ok(heads.polls >= 3 && Math.abs(heads.reckoned - heads.counted) < heads.counted / 3, JSON.stringify(heads))
  assert.equal(seen.version, protocol)
  assert.equal(seen.protocol, 'switchboard.v1')
  assert.deepEqual(seen.closed, { code: 1000, wasClean: true })
  const sent = [...Array(MESSAGES).keys()].map((i) => `message ${i}`).join()
  assert.equal(seen.got.length, STREAMS + 1)
  for (const got of seen.got) assert.equal(got, sent)
}

/** The versions of HTTP in an access log whose server has ended: of WebSockets (the one on /live, and all of HTTP/1.1), and of all else. */
export function versionsIn(log) {
  const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  const isSocket = ({ path, status }) => path === '/live' || status === 101
  const versions = (those) => [...new Set(those.map(({ http }) => http))].sort()
  return { sockets: versions(lines.filter(isSocket)), others: versions(lines.filter((line) => !isSocket(line))) }
}
