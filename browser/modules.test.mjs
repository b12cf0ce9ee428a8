// The parts of the first page that decide something, without a browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from '../web/src/main/resources/io/switchboard/web/assets/backoff.js'
import { Breaks } from '../web/src/main/resources/io/switchboard/web/assets/breaks.js'
import { Channel } from '../web/src/main/resources/io/switchboard/web/assets/channel.js'
import { Checker } from '../web/src/main/resources/io/switchboard/web/assets/checker.js'
import { verdict } from '../web/src/main/resources/io/switchboard/web/assets/costs.js'
import { Credentials, Unauthorized } from '../web/src/main/resources/io/switchboard/web/assets/credentials.js'
import { Heads, partBytes } from '../web/src/main/resources/io/switchboard/web/assets/framing.js'
import * as format from '../web/src/main/resources/io/switchboard/web/assets/format.js'
import { Laboratory } from '../web/src/main/resources/io/switchboard/web/assets/laboratory.js'
import { Meter, now } from '../web/src/main/resources/io/switchboard/web/assets/meter.js'
import { Burden, ServerFigures, samples } from '../web/src/main/resources/io/switchboard/web/assets/server.js'
import { paths } from '../web/src/main/resources/io/switchboard/web/assets/sparkline.js'
import { visible } from '../web/src/main/resources/io/switchboard/web/assets/timeline.js'
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
  assert.deepEqual([1 / 60, 0.1, 0.2, 0.5, 1, 200].map(format.often), ['1 / min', '6 / min', '1 every 5 s', '1 every 2 s', '1 / s', '200 / s'])
  assert.deepEqual([0.004, 0.5, 1.2].map(format.percent), ['0.4 %', '50 %', '120 %'])
  assert.deepEqual([2e-6, 85e-6, 1.2e-3].map(format.processor), ['2.0  µs / s', '85  µs / s', '1.2  ms / s'])
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
  const origin = () => undefined
  const { signal } = new AbortController()
  const connect = async (use) => {
    const broken = webSocket({ channel, origin, position, meter, signal, live }).catch((reason) => reason)
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
    constructor(url) {
      socket = this
      assert.match(url, /^ws:\/\/relay\/v1\/stream\/a\?/)
    }
    close() {}
  }
  const meter = new Meter(new Set())
  const channel = new Channel('a', new Credentials(tab()))
  const line = { channel, origin: () => 'http://relay', meter, position: {}, signal: new AbortController().signal, live: () => undefined }
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

test('the head of an answer is reckoned by the version of HTTP that carried it', () => {
  const answer = (n) => ({ status: 200, statusText: 'OK', fields: [['etag', `"${n}"`], ['stream-next-offset', 'a1a1'], ['vary', 'accept']] })
  const heads = new Heads()
  assert.equal(heads.bytes(answer(1), 'http/1.1'), 'HTTP/1.1 200 OK\r\netag: "1"\r\nstream-next-offset: a1a1\r\nvary: accept\r\n\r\n'.length)
  const first = heads.bytes(answer(1), 'h2')
  assert.equal(heads.bytes(answer(1), 'h2'), 19 + 3)
  assert.equal(heads.bytes(answer(2), 'h2'), 19 + 5 + 1 + 1)
  for (let n = 100; n < 300; n++) heads.bytes({ status: 204, statusText: '', fields: [['etag', `"${n}"`]] }, 'h2')
  assert.equal(heads.bytes(answer(1), 'h2'), first, 'what was pushed out is written again')
  assert.equal(heads.bytes(answer(1), 'h3'), 9 + 5 + 17 + 7)
})

test('around a part of an answer stands a chunk, or the head of a frame', () => {
  assert.deepEqual([15, 16, 255, 256].map((length) => partBytes(length, 'http/1.1')), [5, 6, 6, 7])
  assert.deepEqual([partBytes(10, 'h2'), partBytes(63, 'h3'), partBytes(64, 'h3')], [9, 2, 3])
})

test('the line of delays is interrupted where the connection was', () => {
  const { line } = paths([{ at: 0, millis: 1e9 }, { at: 30_000, millis: 1e9, after: true }, { at: 60_000, millis: 1e9 }], 60_000)
  assert.equal(line, 'M0.0 0.0M120.0 0.0L240.0 0.0')
})

test('a line of a minute at 200 a second has no more points than places', () => {
  const delays = Array.from({ length: 12_000 }, (_, n) => ({ at: n * 5, millis: n === 7_000 ? 9_999 : 1 }))
  const { line } = paths(delays, 60_000)
  assert.ok(line.split('L').length <= 242)
  assert.match(line, / 0\.0L/, 'what stood out is still to be seen')
})

test('a break lasts from the loss of a connection to the next answer, and only for who wants to read', () => {
  const breaks = new Breaks()
  breaks.became('connecting', 0)
  assert.equal(breaks.lastMillis(5), undefined) // not yet there is not cut off
  breaks.became('live', 10)
  breaks.became('waiting', 20)
  breaks.became('connecting', 30)
  assert.equal(breaks.lastMillis(45), 25)
  breaks.became('live', 50)
  assert.deepEqual(breaks.all, [{ from: 20, to: 50 }])
  breaks.became('waiting', 60)
  breaks.became('paused', 70)
  breaks.became('connecting', 80)
  assert.equal(breaks.lastMillis(100), 30)
})

test('bytes of the relay are counted from when a way goes through it, and by nobody else then', () => {
  const meter = new Meter(new Set())
  meter.downloaded(100)
  meter.relayed({ port: 1, open: 0, bytesUp: 5_000, bytesDown: 7_000 }) // of another page, before
  meter.downloaded(40)
  meter.relayed({ port: 1, open: 1, bytesUp: 5_010, bytesDown: 7_020 })
  assert.deepEqual([meter.bytes, meter.up, meter.connections], [120, 10, 1])
  meter.relayed({ port: 2, open: 1, bytesUp: 3, bytesDown: 4 }) // another relay
  meter.relayed({ port: 2, open: 1, bytesUp: 4, bytesDown: 6 })
  assert.deepEqual([meter.bytes, meter.up], [122, 11])
  meter.relayed(undefined)
  meter.downloaded(1)
  assert.deepEqual([meter.bytes, meter.up, meter.connections], [123, 11, undefined])
})

test('of too many messages the same ones are drawn in each frame', () => {
  const all = Array.from({ length: 100 }, (_, n) => ({ at: n, n }))
  assert.deepEqual(visible(all, 90).seen.map(({ n }) => n), [90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
  const { seen, every } = visible(all, 0, 30)
  assert.equal(every, 4)
  assert.deepEqual(seen.slice(0, 3).map(({ n }) => n), [0, 4, 8])
  assert.deepEqual(visible([], 0), { seen: [], every: 1 })
})

const exposition = (cpu, given, more = '') => `# HELP x y
switchboard_connections{transport="http"} 2
switchboard_connections{transport="sse"} 5
switchboard_messages_out_total ${given}
process_cpu_seconds_total ${cpu}
process_resident_memory_bytes 9.0E7
process_max_fds 1000.0
${more}`

test('the figures of the server are read as it tells them', () => {
  assert.deepEqual(samples('a_b{c="d",e="f"} 1.5E3\nnonsense\n# a 1\ng 2'), [
    { name: 'a_b', labels: { c: 'd', e: 'f' }, value: 1_500 },
    { name: 'g', labels: {}, value: 2 },
  ])
  const server = new ServerFigures()
  server.take(exposition(10, 100), 0)
  assert.deepEqual([server.connections, server.memory, server.cores], [7, 9e7, undefined])
  assert.deepEqual(server.limits, [{ limit: 'files', at: 1_000 }])
  server.take(exposition(11, 300), 2_000)
  assert.deepEqual([server.cores, server.deliveries], [0.5, 100])
  const capacity = 'switchboard_capacity_connections{limit="memory"} 70\nswitchboard_capacity_connections{limit="files"} 60\n'
  server.take(exposition(0.1, 0, capacity), 3_000) // started again
  assert.equal(server.cores, undefined)
  assert.deepEqual(server.limits.map(({ limit }) => limit), ['files', 'memory'])
})

test('a viewer costs what the server takes with viewers, less what it takes without', () => {
  const burden = new Burden()
  const viewers = (carrier, wished, ready = wished) => ({ carrier, wished, ready, open: ready })
  const take = (times, cores, of) => Array.from({ length: times }, () => burden.take(cores, of))
  take(5, 0.1, viewers('sse', 0))
  take(2, 0.9, viewers('sse', 100, 40)) // still being opened
  take(3, 0.8, viewers('sse', 100)) // and just opened
  assert.equal(burden.each.get('sse'), undefined)
  take(3, 0.3, viewers('sse', 100))
  assert.ok(Math.abs(burden.each.get('sse') - 0.002) < 1e-9)
  take(9, 0.3, viewers('poll', 10)) // too few to say
  assert.equal(burden.each.has('poll'), false)
  burden.restart()
  take(9, 0.3, viewers('sse', 100))
  assert.equal(burden.each.size, 0, 'nobody saw this feed without viewers')
})

/** A lab's server: answers with what `state` is at that moment, and keeps what is wished for. */
function labServer(state) {
  const server = { state, wishes: [], status: 200 }
  globalThis.fetch = async (_, { method = 'GET', body }) => {
    if (method === 'PATCH') {
      server.wishes.push(JSON.parse(body))
      const wish = { ...server.state.wish, ...JSON.parse(body) }
      if (server.status === 200) server.state = { ...server.state, stage: 'running', wish }
    }
    return new Response(JSON.stringify(server.state), { status: server.status })
  }
  return server
}

const nothing = { relay: false, viewers: 0, delayMillis: 0, lossPercent: 0, stripUpgrade: false, plugged: true }

test('a lab is wished for again when its server was started anew, and what another page wished is taken over', async () => {
  const server = labServer({ available: true, stage: 'resting', wish: nothing })
  const lab = new Laboratory(new Credentials(tab()), nothing)
  let adopted = 0
  lab.addEventListener('adopted', () => adopted++)
  await lab.start()
  lab.stop()
  assert.deepEqual(server.wishes, [], 'nothing is asked for that nobody wants')
  await lab.change({ viewers: 10 })
  assert.deepEqual(server.wishes.map(({ viewers }) => viewers), [10])
  server.state = { available: true, stage: 'resting', wish: nothing }
  await lab.start()
  lab.stop()
  await turn()
  assert.deepEqual(server.wishes.map(({ viewers }) => viewers), [10, 10])
  server.state = { ...server.state, wish: { ...nothing, viewers: 50 } }
  await lab.start()
  lab.stop()
  assert.deepEqual([lab.wish.viewers, adopted], [50, 1])
  server.status = 400
  server.state = { detail: 'Too many.' }
  await lab.change({ viewers: 1e9 })
  assert.equal(lab.trouble, 'Too many.')
})

test('where there is no lab nothing is wished for', async () => {
  const server = labServer({ available: false, because: 'It is off.' })
  const lab = new Laboratory(new Credentials(tab()), nothing)
  await lab.start()
  await lab.change({ viewers: 10 })
  lab.leave()
  assert.deepEqual([lab.available, lab.trouble, server.wishes.length], [false, 'It is off.', 0])
})
