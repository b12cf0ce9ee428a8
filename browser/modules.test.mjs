// The parts of the first page that decide something, without a browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from '../web/src/main/resources/io/switchboard/web/assets/backoff.js'
import { Channel } from '../web/src/main/resources/io/switchboard/web/assets/channel.js'
import { Checker } from '../web/src/main/resources/io/switchboard/web/assets/checker.js'
import { verdict } from '../web/src/main/resources/io/switchboard/web/assets/costs.js'
import { Credentials, Unauthorized } from '../web/src/main/resources/io/switchboard/web/assets/credentials.js'
import * as format from '../web/src/main/resources/io/switchboard/web/assets/format.js'
import { Meter, now } from '../web/src/main/resources/io/switchboard/web/assets/meter.js'
import { paths } from '../web/src/main/resources/io/switchboard/web/assets/sparkline.js'
import { webSocket } from '../web/src/main/resources/io/switchboard/web/assets/transports.js'

/** What a tab keeps. */
function tab() {
  const kept = new Map()
  return () => ({
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  })
}

/** What waits for nothing outside goes on. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('waits double from one second to thirty, and any part of them is as likely', () => {
  const longest = new Backoff(() => 1)
  assert.deepEqual(Array.from({ length: 7 }, () => longest.next()), [1000, 2000, 4000, 8000, 16000, 30000, 30000])
  assert.equal(new Backoff(() => 0).next(), 0)
})

test('a connection that held ends the row of failures, one that broke at once does not', () => {
  const backoff = new Backoff(() => 1)
  backoff.next()
  backoff.lasted(100)
  assert.equal(backoff.next(), 2000)
  backoff.lasted(60_000)
  assert.equal(backoff.next(), 1000)
})

test('a number left out is missed, one met before came twice', () => {
  const checker = new Checker()
  checker.expect('a', 0)
  for (const n of [0, 1, 4, 4, 5]) checker.take('a', n)
  assert.deepEqual([checker.missed, checker.duplicates], [2, 1])
})

test('a publisher met in the middle begins there, and disturbs no other', () => {
  const checker = new Checker()
  checker.expect('a', 0)
  for (const [publisher, n] of [['b', 17], ['a', 0], ['b', 18], ['a', 1]]) checker.take(publisher, n)
  assert.deepEqual([checker.missed, checker.duplicates], [0, 0])
})

test('what was expected from its beginning and begins later was missed', () => {
  const checker = new Checker()
  checker.expect('a', 0)
  checker.take('a', 2)
  assert.equal(checker.missed, 2)
})

test('only messages of this page, published while it listened, are timed', () => {
  const meter = new Meter(new Set(['mine']))
  const early = now() - 5_000
  meter.begin()
  for (const [page, t] of [['mine', early], ['other', now()], ['mine', now()]]) {
    meter.received(JSON.stringify({ page, n: meter.messages, t }))
  }
  meter.received('{"from":"curl"}')
  meter.received('not JSON')
  assert.equal(meter.messages, 5)
  assert.equal(meter.delays.length, 1)
  assert.equal(meter.last, 'not JSON')
})

test('percentiles are delays that were measured', () => {
  const meter = new Meter(new Set())
  assert.equal(meter.percentile(0.5), undefined)
  const at = now()
  meter.delays = [40, 10, 30, 20].map((millis) => ({ at, millis }))
  assert.deepEqual([meter.percentile(0.5), meter.percentile(0.95)], [20, 40])
  meter.delays.unshift({ at: at - 61_000, millis: 5 })
  meter.trim()
  assert.equal(meter.delays.length, 4)
  meter.delays = [{ at: at - 61_000, millis: 5 }]
  meter.trim()
  assert.equal(meter.delays.length, 0)
})

test('the cheapest is the one that took the fewest bytes, and its price in time is named', () => {
  const cost = (bytesPerMessage, medianMillis) => ({ bytesPerMessage, medianMillis, requestsPerMinute: 1 })
  const ways = [
    { name: 'Polling', cost: cost(60, 1020) },
    { name: 'SSE', cost: cost(100, 20) },
    { name: 'WebSocket', cost: undefined },
  ]
  const found = verdict(ways, 20)
  assert.equal(found.best, 'Polling')
  assert.equal(
    found.text,
    'At 20 messages a second, Polling takes the fewest bytes: 60 B a message; SSE takes 1.7 times as many.' +
      ' Its price is time: messages arrive 1.00 s later than over SSE.',
  )
  assert.equal(verdict(ways.slice(1), 20).best, undefined)
})

test('figures are short and keep their unit', () => {
  assert.deepEqual([undefined, 0.84, 9.96, 999.6, 12_345].map(format.duration), ['–', '0.8 ms', '10 ms', '1.00 s', '12.3 s'])
  assert.deepEqual([0, 94.4, 999.6, 1_234_567].map(format.bytes), ['0 B', '94 B', '1.0 kB', '1.2 MB'])
})

test('a delay beyond the scale is drawn at its edge', () => {
  const { line, area } = paths([{ at: 0, millis: 1e9 }, { at: 60_000, millis: 0 }], 60_000)
  assert.equal(line, 'M0.0 0.0L240.0 72.0')
  assert.ok(area.endsWith('Z'))
  assert.equal(paths([], 0).line, '')
})

test('a WebSocket, which is told no offsets, comes back to where it stood', async () => {
  globalThis.location = { origin: 'http://server' }
  const sockets = []
  globalThis.WebSocket = class {
    constructor(url) {
      this.offset = new URL(url).searchParams.get('offset')
      sockets.push(this)
    }
    close() {}
    send(n) {
      this.onmessage({ data: JSON.stringify({ page: 'p', n, t: 0 }) })
    }
  }
  const channel = new Channel('lab/ticks', new Credentials(tab()))
  const meter = new Meter(new Set())
  const position = { offset: 'o0' }
  const live = () => undefined
  const { signal } = new AbortController()
  const connect = async (use) => {
    const broken = webSocket({ channel, position, meter, signal, live }).catch((reason) => reason)
    await turn()
    const socket = sockets.at(-1)
    socket.onopen()
    use(socket)
    socket.onclose({ code: 1006 })
    return broken
  }
  await connect((socket) => {
    for (const n of [0, 1, 2, 3]) socket.send(n)
    channel.learn('p:1', 'o2') // as the answer to a POST or an event of SSE tells, sooner or later
  })
  assert.equal(position.offset, 'o2')
  await connect((socket) => {
    assert.equal(socket.offset, 'o2')
    socket.send(2) // broken again before it came to where it was
  })
  const broken = await connect((socket) => {
    for (const n of [2, 3, 4]) socket.send(n)
    channel.learn('p:4', 'o5')
  })
  assert.equal(broken.unavailable, false)
  assert.deepEqual(position, { offset: 'o5', since: 0, keys: new Map(), opened: true })
  assert.deepEqual([meter.messages, meter.checker.missed, meter.checker.duplicates], [5, 0, 0])
})

test('a WebSocket that never opened is not available', async () => {
  globalThis.location = { origin: 'http://server' }
  let socket
  globalThis.WebSocket = class {
    constructor() {
      socket = this
    }
    close() {}
  }
  const meter = new Meter(new Set())
  const channel = new Channel('a', new Credentials(tab()))
  const line = { channel, meter, position: {}, signal: new AbortController().signal, live: () => undefined }
  const broken = webSocket(line).catch((reason) => reason)
  await turn()
  socket.onclose({ code: 1006 })
  assert.equal((await broken).unavailable, true)
  assert.equal(meter.requests, 1)
})

test('a token goes into a header, and a ticket for it into the URL of what has none', async () => {
  const asked = []
  globalThis.fetch = async (url, options) => {
    asked.push([url, options.method ?? 'GET', options.headers])
    return new Response('{"ticket":"once","expiresIn":30}')
  }
  const kept = tab()
  const credentials = new Credentials(kept)
  const { signal } = new AbortController()
  assert.equal(await credentials.ticketed('/c?offset=-1', signal), '/c?offset=-1')
  assert.equal(credentials.use(' Bearer a.b.c\n'), true)
  await credentials.fetch('/c', { headers: { Accept: 'x' } })
  assert.equal(await credentials.ticketed('/c?offset=-1', signal), '/c?offset=-1&ticket=once')
  const authorized = { Authorization: 'Bearer a.b.c' }
  assert.deepEqual(asked, [['/c', 'GET', { Accept: 'x', ...authorized }], ['/v1/tickets', 'POST', authorized]])
  assert.equal(new Credentials(kept).known, true)
  credentials.forget()
  assert.equal(new Credentials(kept).known, false)
})

test('what is no token is not taken, and a browser that keeps nothing is no obstacle', () => {
  const credentials = new Credentials(tab())
  for (const text of ['', ' ', 'a b', 'ä', 'a\r\nX: y', 'x'.repeat(8_193)]) assert.equal(credentials.use(text), false, text)
  assert.equal(credentials.known, false)
  const refuse = () => {
    throw new Error('SecurityError')
  }
  const homeless = new Credentials(refuse)
  assert.equal(homeless.use('a.b.c'), true)
  assert.equal(homeless.known, true)
})

test('whoever is not known is asked, and a late answer to an earlier token asks nobody', async () => {
  const credentials = new Credentials(tab())
  const wanted = []
  credentials.addEventListener('wanted', ({ detail }) => wanted.push(detail.refused))
  globalThis.fetch = async () => new Response('', { status: 401 })
  await assert.rejects(credentials.fetch('/c'), Unauthorized)
  credentials.use('first')
  await assert.rejects(credentials.fetch('/c'), Unauthorized)
  const late = credentials.fetch('/c')
  credentials.use('second')
  await assert.rejects(late, Unauthorized)
  assert.deepEqual(wanted, [false, true])
})

test('the line of delays is interrupted where the connection was', () => {
  const { line } = paths([{ at: 0, millis: 1e9 }, { at: 30_000, millis: 1e9, after: true }, { at: 60_000, millis: 1e9 }], 60_000)
  assert.equal(line, 'M0.0 0.0M120.0 0.0L240.0 0.0')
})
