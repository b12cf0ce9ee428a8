// That the configurations in docs/proxies do what they say, in real proxies: everything passes, nothing is lost when
// connections are, and a cache asks once for many.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startServer } from '../harness/server.mjs'
import { fixture, missing } from './fixtures.mjs'
import { ask, exchange, overHttp2, overWebSocket, readByEvents, readByLongPoll } from './readers.mjs'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const LONG_POLL_SECONDS = 2
const WAIT_MILLIS_MAX = 10_000
const DELAY_MILLIS_MAX = 100 // half of what delayed acknowledgements cost
const RIGHT = ['nginx', 'nginx-tls', 'nginx-cache', 'haproxy', 'haproxy-tls', 'haproxy-h2']

let data, server, accessLog
let channels = 0

before(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'switchboard-proxies-'))
  accessLog = path.join(data, 'access.jsonl')
  const flags = ['--proxy-trusted', '127.0.0.1', '--access-log', accessLog, '--live-long-poll-timeout', `${LONG_POLL_SECONDS}s`]
  server = await startServer({ data: path.join(data, 'data'), flags, log: 'proxies-server' })
})

after(async () => {
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

/** A new JSON channel, made at the server itself; returns its path. */
async function create() {
  const channel = `/v1/stream/proxies/${++channels}`
  assert.equal((await exchange(server.url + channel, { method: 'PUT', headers: JSON_TYPE })).status, 201)
  return channel
}

/** Appends at the server itself, or through a proxy; returns the offset after it. */
async function append(channel, message, url = server.url, ca) {
  const body = JSON.stringify(message)
  const answer = await exchange(url + channel, { method: 'POST', headers: JSON_TYPE, body, ca })
  assert.equal(answer.status, 204)
  return answer.headers['stream-next-offset']
}

async function until(what, sentence) {
  for (const end = Date.now() + WAIT_MILLIS_MAX; !(await what()); await pause(20)) assert.ok(Date.now() < end, sentence)
}

/** The requests of a method that reached the server and were answered, by channel. */
function reached(channel, method = 'GET') {
  return readFileSync(accessLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter((line) => line.method === method && line.path === channel)
}

/** How often the server was asked, besides being asked by `create` and `append`. */
async function timesAsked(channel, atLeast) {
  await until(() => reached(channel).length >= atLeast, `${channel} was asked ${reached(channel).length} times`)
  return reached(channel).length
}

for (const name of RIGHT) {
  describe(name, { skip: missing(fixture(name)) }, () => {
    let proxy, options

    before(async () => {
      proxy = await fixture(name).start(server.port)
      options = { ca: proxy.ca === undefined ? undefined : readFileSync(proxy.ca) }
    })
    after(() => proxy?.stop())

    test('a plain GET, an append, long-poll, events and WebSockets pass', async () => {
      const channel = await create()
      const first = await append(channel, { n: 1 }, proxy.url, options.ca)
      const all = await exchange(`${proxy.url}${channel}?offset=-1`, options)
      assert.deepEqual(JSON.parse(all.text), [{ n: 1 }])
      assert.equal(all.headers['stream-next-offset'], first)

      const polled = readByLongPoll(proxy.url + channel, first, 1, options)
      const events = readByEvents(proxy.url + channel, first, 1, options)
      await append(channel, { n: 2 }, proxy.url, options.ca)
      assert.deepEqual((await polled).messages, [{ n: 2 }])
      assert.deepEqual((await events).messages, [{ n: 2 }])

      assert.equal(await overWebSocket(`${proxy.url}${channel}?echo`, 'hello', options), 'hello')
    })

    test('a first event comes at once, and a message of 4 MB passes', async () => {
      const channel = await create()
      const headers = { Accept: 'text/event-stream', 'Accept-Encoding': 'gzip, br' }
      const response = await ask(proxy.url + channel, { ...options, headers })
      const [first] = await Promise.race([
        response.setEncoding('utf8').take(1).toArray(),
        pause(WAIT_MILLIS_MAX, ['nothing'], { ref: false }),
      ])
      response.destroy()
      assert.match(first, /^id: ?[a-p]\d+[a-p]\d+\n/)
      await append(channel, 'x'.repeat(4 << 20), proxy.url, options.ca)
    })

    test('events come when they are stored, and do not wait for more', async () => {
      const channel = await create()
      const response = await ask(proxy.url + channel, { ...options, headers: { Accept: 'text/event-stream' } })
      let text = ''
      response.setEncoding('utf8').on('data', (more) => (text += more))
      await until(() => text !== '', 'no first event')
      // What gathers pieces does so each time; a busy machine now and then.
      const delays = []
      for (let n = 0; n < 10 && Math.min(...delays) > DELAY_MILLIS_MAX; n++) {
        await append(channel, { n })
        const stored = Date.now()
        await until(() => text.includes(`{"n":${n}}`), `event ${n} did not come`)
        delays.push(Date.now() - stored)
      }
      response.destroy()
      assert.ok(Math.min(...delays) <= DELAY_MILLIS_MAX, delays.join())
    })

    test('the server is told who asks, whatever the client claims', async () => {
      const channel = await create()
      const headers = { 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.2' }
      assert.equal((await exchange(`${proxy.url}${channel}?offset=-1`, { ...options, headers })).status, 200)
      await timesAsked(channel, 1)
      assert.deepEqual(
        reached(channel).map(({ address }) => address),
        ['127.0.0.1'],
      )
    })
  })
}

const STREAMS = 100
// Whether WebSockets are streams too, and the version that reaches the server.
const HTTP2 = { 'nginx-tls': [false, '1.1'], 'haproxy-tls': [true, '1.1'], 'haproxy-h2': [true, '2'] }
for (const [name, [hasWebSockets, version]] of Object.entries(HTTP2)) {
  test(`${name}: ${STREAMS} event streams share a connection of HTTP/2`, { skip: missing(fixture(name)) }, async () => {
    const proxy = await fixture(name).start(server.port)
    const connection = await overHttp2(proxy.url, { ca: readFileSync(proxy.ca) })
    try {
      const channel = await create()
      const streams = await Promise.all(
        Array.from({ length: STREAMS }, () => connection.open(channel, { accept: 'text/event-stream' })),
      )
      for (const { status } of streams) assert.equal(status, 200)
      const reading = streams.map(({ stream }) => connection.events(stream, 2))
      await append(channel, { n: 1 })
      await append(channel, { n: 2 })
      for (const messages of await Promise.all(reading)) assert.deepEqual(messages, ['{"n":1}', '{"n":2}'])

      assert.equal(connection.hasWebSockets, hasWebSockets)
      if (hasWebSockets) assert.equal(await connection.echo(`${channel}?echo`, 'hello'), 'hello')
      connection.close()
      const all = STREAMS + (hasWebSockets ? 1 : 0)
      await until(() => reached(channel).length === all, `${reached(channel).length} of ${all} reached the server`)
      assert.deepEqual([...new Set(reached(channel).map(({ http }) => http))], [version])
    } finally {
      connection.close()
      await proxy.stop()
    }
  })
}

const READERS = { 'long-poll': readByLongPoll, events: readByEvents }
for (const name of ['nginx', 'nginx-cache', 'haproxy']) {
  test(`${name}: what is cut between it and the server, or in front of it, costs no message`, { skip: missing(fixture(name)) }, async () => {
    const whenTold = { afterBytes: Infinity }
    const behind = await fixture('dropping').start(server.port, whenTold)
    const proxy = await fixture(name).start(behind.port)
    const inFront = await fixture('dropping').start(proxy.port, whenTold)
    try {
      const channel = await create()
      const count = 120
      const reading = Object.values(READERS).map((read) => read(inFront.url + channel, '-1', count))
      for (let n = 0; n < count; n++) {
        if (n % 10 === 9) {
          await until(() => inFront.connections() === reading.length, 'the readers do not come back')
          await until(() => behind.connections() > 0, 'the proxy does not come back')
          for (const each of n % 20 === 9 ? [inFront] : [behind]) each.cut()
        }
        await append(channel, { n, filler: 'x'.repeat(600) })
      }
      for (const { messages, lost } of await Promise.all(reading)) {
        assert.deepEqual(
          messages.map(({ n }) => n),
          [...Array(count).keys()],
        )
        assert.ok(lost > 0, 'nothing was cut, so nothing was tested')
      }
    } finally {
      for (const each of [inFront, proxy, behind]) await each.stop()
    }
  })
}

describe('nginx-cache', { skip: missing(fixture('nginx-cache')) }, () => {
  const READERS_AT_ONCE = 20
  let proxy
  const many = (url) => Promise.all(Array.from({ length: READERS_AT_ONCE }, () => exchange(url)))

  before(async () => (proxy = await fixture('nginx-cache').start(server.port)))
  after(() => proxy?.stop())

  test('asks once for many who catch up', async () => {
    const channel = await create()
    await append(channel, { n: 1 })
    const answers = await many(`${proxy.url}${channel}?offset=-1`)
    for (const { status, text } of answers) assert.deepEqual([status, text], [200, '[{"n":1}]'])
    assert.equal(await timesAsked(channel, 1), 1)
    assert.equal(answers.filter(({ headers }) => headers['x-cache'] === 'MISS').length, 1)
  })

  test('asks once for many who wait, and tells them all', async () => {
    const channel = await create()
    const tail = await append(channel, { n: 1 })
    const waiting = many(`${proxy.url}${channel}?offset=${tail}&live=long-poll`)
    // Those that come too late to wait are answered from the cache.
    const waits = async () => /^switchboard_connections\{transport="long-poll"\} 1(\.0)?$/m.test((await exchange(`${server.url}/metrics`)).text)
    await until(waits, 'nobody waits')
    const next = await append(channel, { n: 2 })
    for (const { status, headers, text } of await waiting) {
      assert.deepEqual([status, text, headers['stream-next-offset']], [200, '[{"n":2}]', next])
    }
    assert.equal(await timesAsked(channel, 1), 1)
  })

  test('asks once for many who wait in vain', async () => {
    const channel = await create()
    const tail = await append(channel, { n: 1 })
    const began = Date.now()
    for (const { status } of await many(`${proxy.url}${channel}?offset=${tail}&live=long-poll`)) assert.equal(status, 204)
    assert.ok(Date.now() - began < LONG_POLL_SECONDS * 1_000 + 2_000, 'they waited for each other')
    assert.equal(await timesAsked(channel, 1), 1)
  })

  test('keeps nothing longer than a second, and nothing that came with a token', async () => {
    const channel = await create()
    const headers = { Authorization: 'Bearer any' }
    const read = (more = {}) => exchange(`${proxy.url}${channel}?offset=-1`, more)
    assert.equal((await read()).text, '[]')
    await append(channel, { n: 1 })
    assert.equal((await read({ headers })).text, '[{"n":1}]')
    assert.equal((await read({ headers })).headers['x-cache'], 'BYPASS')
    const end = Date.now() + WAIT_MILLIS_MAX
    while ((await read()).text === '[]') {
      assert.ok(Date.now() < end, 'the cache hides news')
      await pause(100)
    }
  })
})
