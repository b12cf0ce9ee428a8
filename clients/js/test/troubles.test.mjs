// What goes wrong is told: in a sentence, to whom it is about, and to nobody else.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../../../harness/server.mjs'
import { connect, SwitchboardError } from '../src/index.js'
import { Events } from '../src/events.js'
import { Feed } from '../src/feed.js'
import { Polls } from '../src/polls.js'
import { Proxy } from './proxy.mjs'
import { client, create, keys, post, serve, TRANSPORTS, until } from './support.mjs'

const ends = []
const suite = { after: (end) => ends.unshift(end) }
let running
let proxy
let names = 0

before(async () => {
  running = await serve(suite, ['--live-heartbeat', '2s', '--live-long-poll-timeout', '3s'])
  proxy = await Proxy.start(() => running.server.port)
})
after(async () => {
  await proxy.stop()
  for (const end of ends) await end()
})

/** A server that is no Switchboard, and answers everything with this. */
async function stranger(t, status, body = '<!doctype html><title>Not here</title>') {
  const server = createServer((_, response) => response.writeHead(status, { 'Content-Type': 'text/html' }).end(body))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${server.address().port}`
}

test('what is no URL of a server is refused with one that is', () => {
  for (const url of ['nonsense', '', 'localhost:8080', 'ftp://live.example.com', 'ws://live.example.com']) {
    assert.throws(() => connect(url), (error) => {
      assert.ok(error instanceof SwitchboardError)
      assert.equal(error.code, 'invalid')
      assert.equal(error.message, `not a URL such as https://live.example.com: ${url}`)
      return true
    })
  }
  assert.equal(connect('HTTPS://Live.Example.com/board//?a#b').base, 'https://live.example.com/board')
})

describe('troubles', () => {
  for (const transport of TRANSPORTS) {
    test(`${transport}: a name that is none fails alone, with its reason, before and while others are read`, async (t) => {
      const good = `troubles/${names++}`
      await create(running.url, good)
      const made = client(t, running.url, { transports: [transport] })
      const seen = []
      const failed = []
      const wrong = (name, from) =>
        made.channel(name).subscribe({ from, onError: ({ code, message }) => failed.push([name, code, message]) })
      wrong('b ad', 'now')
      wrong('..', '-1')
      made.channel(good).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
      wrong('\ud800', '-1')
      await until(() => failed.length === 3 && made.state.state === 'live')
      await post(running.url, good, '[1]')
      await until(() => seen.length === 1)
      const names_ = ['b%20ad', 'a//b', '__ds/x']
      for (const name of names_) wrong(name, '-1')
      await until(() => failed.length === 6)
      await post(running.url, good, '[2]')
      await until(() => seen.length === 2)
      assert.equal(made.state.transport, transport)
      assert.deepEqual(failed.map(([name]) => name).sort(), ['b ad', '..', '\ud800', ...names_].sort())
      for (const [name, code, message] of failed) {
        assert.equal(code, 'invalid', name)
        assert.match(message, /\w+ \w+ \w+/)
      }
    })

    test(`${transport}: when all that was subscribed to has failed, the state says of what`, async (t) => {
      const made = client(t, running.url, { transports: [transport] })
      let error
      made.channel('b ad').subscribe({ from: '-1', onError: (told) => (error = told) })
      await until(() => error !== undefined)
      await until(() => made.state.state === 'live' || made.state.why === error.message)
    })

    test(`${transport}: of many subscriptions Node.js has nothing to warn of`, async (t) => {
      const warnings = []
      const warned = (warning) => warnings.push(String(warning))
      process.on('warning', warned)
      t.after(() => process.off('warning', warned))
      const made = client(t, running.url, { transports: [transport] })
      const many = Array.from({ length: 60 }, () => `troubles/${names++}`)
      await Promise.all(many.map((name) => create(running.url, name)))
      const begun = many.map((name) => made.channel(name).subscribe({ onMessage() {} }))
      for (let i = 0; i < 30; i++) begun.push(made.channel(many[0]).subscribe({ from: '-1', onMessage() {} }))
      await until(() => made.state.state === 'live' && begun.slice(0, 60).every(({ offset }) => offset !== 'now'))
      for (const each of begun) each.close()
      made.close()
      assert.deepEqual(warnings, [])
    })
  }

  for (const transports of [TRANSPORTS, ...TRANSPORTS.slice(1).map((each) => [each])]) {
    test(`a wrong path of a server is the end, by its own word: ${transports.join()}`, async (t) => {
      const made = client(t, `${running.url}/wrong`, { transports })
      const told = []
      made.channel('c').subscribe({ onError: ({ code }) => told.push(code), onEnd: (reason) => told.push(reason) })
      await until(() => told.length === 2)
      assert.deepEqual(told, ['not_found', 'failed'])
      assert.equal(made.state.state, 'offline')
      assert.equal(made.state.retryInMillis, undefined)
      assert.match(made.state.why, /^the path of http:.*\/wrong is wrong: Nothing is here; channels are at /)
      await assert.rejects(made.channel('c').publish(1), { code: 'not_found' })
    })
  }

  for (const [status, why] of [[404, 'answered 404, and not by a Switchboard server'], [200, 'the answer is not from a Switchboard server']]) {
    test(`where somebody else answers ${status} to everything, that is told at once, and is the end after a while`, async (t) => {
      t.mock.method(Math, 'random', () => 0.02)
      const url = await stranger(t, status)
      const whys = []
      const made = client(t, url, { onState: ({ why }) => whys.push(why) })
      let error
      made.channel('c').subscribe({ onError: (told) => (error = told) })
      await until(() => error !== undefined)
      assert.equal(error.code, 'not_found')
      assert.equal(error.message, `no Switchboard server answers at ${url}; is that its URL?`)
      assert.equal(made.state.why, error.message)
      assert.ok(whys.includes(`websocket: not opened; sse: ${why}; long-poll: ${why}; polling: ${why}`), whys.join('\n'))
    })
  }

  test('a client that has worked is not given up for what somebody else answers', async (t) => {
    t.mock.method(Math, 'random', () => 0.02)
    const name = `troubles/${names++}`
    await create(running.url, name)
    const made = client(t, proxy.url, { transports: ['polling'] })
    const seen = []
    made.channel(name).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
    await until(() => made.state.state === 'live')
    proxy.answer = { status: 404, headers: {} }
    await until(() => made.state.attempt >= 6)
    assert.match(made.state.why, /^polling: answered 404, and not by/)
    proxy.answer = undefined
    await post(running.url, name, '[1]')
    await until(() => seen.length === 1)
  })

  test('where no server is, that is what is told', async (t) => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const made = client(t, nobody)
    made.channel('c').subscribe({ onMessage() {} })
    await until(() => made.state.state === 'offline')
    assert.equal(made.state.why.split('; ').at(-1), 'polling: the server does not answer (ECONNREFUSED)')
    const late = client(t, nobody, { publishTimeout: 200 })
    await assert.rejects(late.channel('c').publish(1), ({ message }) => /ECONNREFUSED|not sent in time/.test(message))
  })

  test('a state says something from the beginning, and when nothing is subscribed', async (t) => {
    const made = client(t, proxy.url)
    const subscription = made.channel(`troubles/${names++}`).subscribe({ onMessage() {} })
    proxy.websocket = 'silent'
    proxy.sse = 'hold'
    await until(() => made.state.why === 'nothing has answered yet')
    subscription.close()
    await until(() => made.state.state === 'live' || made.state.why === 'nothing is subscribed')
    Object.assign(proxy, { websocket: 'pass', sse: 'pass' })
  })

  for (const transport of TRANSPORTS) {
    test(`${transport}: a server that asks for a token is not asked again without one`, async (t) => {
      guarded ??= await serve(suite, keys(suite).flags)
      const told = []
      const made = client(t, guarded.url, { transports: [transport], onUnauthorized: ({ message }) => told.push(message) })
      made.channel('c').subscribe({ onError: ({ code }) => told.push(code) })
      await until(() => told.length === 2)
      assert.deepEqual(told, ['unauthorized', 'the server asks for a token'])
      assert.deepEqual([made.state.state, made.state.why], ['offline', 'the server asks for a token'])
    })
  }
  let guarded
})

describe('what a server announces', () => {
  const settled = () => new Promise(setImmediate)
  const announced = (seconds, body, headers = {}) => {
    const response = new Response(body, { headers: { 'Content-Type': 'text/event-stream', 'Stream-Heartbeat': seconds, ...headers } })
    return { response, text: '[]' }
  }

  for (const [seconds, due] of [['3', 3_000], ['0', 25_000], ['1e9', 25_000], ['soon', 25_000]]) {
    test(`an event stream that says ${seconds} is dead 10 s after ${due / 1_000} s of silence`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] })
      const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(':\n\n')) })
      const feed = new Feed('c', 'a1a1')
      const owner = { feeds: new Map([['c', feed]]), options: { heartbeat: 25_000 }, tokens: { get: async () => undefined } }
      const told = []
      const host = { proven: () => told.push('proven'), late: (is) => told.push(is), over: ({ why }) => told.push(why) }
      const events = new Events(owner, { ask: async () => announced(seconds, body) }, host)
      t.after(() => events.close())
      while (!told.includes('proven')) await settled()
      await settled()
      told.length = 0
      t.mock.timers.tick(due + 4_999)
      assert.deepEqual(told, [])
      t.mock.timers.tick(1)
      assert.deepEqual(told, [true])
      t.mock.timers.tick(5_000)
      while (told.length < 2) await settled()
      assert.deepEqual(told, [true, 'nothing came for too long'])
    })
  }

  test('a long-poll is given as long as the server says, and 10 s more', async () => {
    const asked = []
    const http = {
      ask: (_, { millisMax }) => {
        asked.push(millisMax)
        return asked.length < 3 ? announced('70', '[]', { 'Stream-Next-Offset': 'a1a1', 'Stream-Up-To-Date': 'true' }) : new Promise(() => {})
      },
    }
    const feed = new Feed('c', 'a1a1')
    const owner = { feeds: new Map([['c', feed]]), options: { heartbeat: 25_000, pollEvery: 1 } }
    const polls = new Polls(owner, http, { proven() {} }, { waits: true })
    await until(() => asked.length === 3)
    polls.close()
    assert.deepEqual(asked, [undefined, 80_000, 80_000])
  })

  test('a server says it to all who read live', async () => {
    const name = `troubles/${names++}`
    await create(running.url, name)
    for (const [path, seconds] of [[`/live?channel=${name}`, '2'], [`/v1/stream/${name}?offset=-1&as=envelopes`, '3']]) {
      const stop = new AbortController()
      const { headers } = await fetch(running.url + path, { headers: { Accept: path.startsWith('/live') ? 'text/event-stream' : '*/*' }, signal: stop.signal })
      assert.equal(headers.get('Stream-Heartbeat'), seconds)
      stop.abort()
    }
  })
})
