// The ladder behind proxies with faults, and the way back up while messages come.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Checker, CLEAN } from './checker.mjs'
import { Proxy } from './proxy.mjs'
import { client, create, pause, post, remove, serve, TRANSPORTS, until } from './support.mjs'

const ends = []
let running
let proxy
let names = 0

describe('ladder', () => {
  before(async () => {
    running = await serve({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s'])
    proxy = await Proxy.start(() => running.server.port)
  })
  beforeEach(() => Object.assign(proxy, { websocket: 'pass', sse: 'pass', answer: undefined, losesAnswers: false, requests: [] }))
  after(async () => {
    await proxy.stop()
    for (const end of ends) await end()
  })

  /** A client that reads, and one that publishes straight to the server, until it is stopped. */
  async function load(t, options) {
    const name = `ladder/${names++}`
    await create(running.url, name)
    const checker = new Checker()
    const made = client(t, proxy.url, options)
    made.channel(name).subscribe({ from: '-1', onMessage: checker.message, onGap: checker.gap })
    const publisher = client(t, running.url).channel(name)
    let goesOn = true
    t.after(() => (goesOn = false))
    const publishing = (async () => {
      for (let n = 0; goesOn; n++) {
        await publisher.publish({ p: 1, n })
        checker.published(1, n)
        await pause(5)
      }
    })()
    return {
      made,
      name,
      async over() {
        await until(() => checker.received > 20)
        goesOn = false
        await publishing
        await until(() => checker.isComplete)
        assert.deepEqual(checker.verdict(), CLEAN)
      },
    }
  }

  const on = (transport) => (made) => () => made.state.state === 'live' && made.state.transport === transport

  test('a socket that opens and never speaks costs a head start, and says so', async (t) => {
    proxy.websocket = 'silent'
    const { made, over } = await load(t)
    const begun = Date.now()
    await until(on('sse')(made))
    assert.ok(Date.now() - begun < 6_000)
    await over()
    await until(() => made.state.why !== '')
    assert.equal(made.state.why, 'websocket: no reply in time')
  })

  test('a proxy that refuses WebSocket, or loses the subprotocol', async (t) => {
    for (const [fault, why] of [['refuse', 'websocket: not opened'], ['stripped', /^websocket: /]]) {
      proxy.websocket = fault
      const { made, over } = await load(t)
      await until(on('sse')(made))
      assert.match(made.state.why, new RegExp(why))
      await over()
      made.close()
    }
  })

  test('a proxy that holds event streams back: long-polls carry the reading', async (t) => {
    Object.assign(proxy, { websocket: 'refuse', sse: 'hold' })
    const { made, over } = await load(t)
    await until(on('long-poll')(made))
    await over()
  })

  test('up and down under load: nothing is lost, doubled or out of order', async (t) => {
    Object.assign(proxy, { websocket: 'refuse', sse: 'refuse' })
    const { made, over } = await load(t)
    let losses = 0
    await until(on('long-poll')(made))
    proxy.sse = 'pass'
    made.retry()
    await until(on('sse')(made))
    proxy.websocket = 'pass'
    made.retry()
    await until(on('websocket')(made))
    assert.equal(made.state.why, '')
    // What is cut young for the third time is left alone for a while.
    for (const then of ['websocket', 'websocket', 'sse']) {
      // It may be back sooner than one looks.
      const before = losses
      made.onState = ({ state }) => (losses += state === 'offline')
      proxy.cut()
      await until(() => losses > before)
      await until(on(then)(made))
    }
    await over()
  })

  test('a server that cannot now is asked again when it said, and not in every way there is', async (t) => {
    proxy.answer = { status: 503, headers: { 'Retry-After': '2', 'Access-Control-Allow-Origin': '*' } }
    // What was asked before the first answer was there, on a machine that is busy, was asked in good faith.
    let answered = false
    const after = []
    const seen = async (...how) => {
      if (answered) after.push(how[0])
      const response = await fetch(...how)
      answered = true
      return response
    }
    const made = client(t, proxy.url, { fetch: seen })
    made.channel(`ladder/${names++}`).subscribe({ onMessage() {} })
    await until(() => made.state.state === 'offline')
    const waits = made.state.retryInMillis
    assert.ok(waits >= 2_000 && waits < 3_000, `${waits}`)
    assert.ok(answered)
    assert.deepEqual(after, [])
    proxy.answer = undefined
    await until(on('websocket')(made))
  })

  for (const transport of TRANSPORTS) {
    test(`${transport}: a channel that was deleted while nobody could read ends as deleted`, async (t) => {
      const [gone, here] = [`ladder/${names++}`, `ladder/${names++}`]
      const told = []
      const made = client(t, proxy.url, { transports: [transport] })
      for (const name of [gone, here]) {
        await create(running.url, name)
        await post(running.url, name, '[1]')
        made.channel(name).subscribe({ from: '-1', onMessage: (data) => told.push(`${name} ${data}`), onEnd: (reason) => told.push(`${name} ${reason}`) })
      }
      await until(() => told.length === 2)
      proxy.answer = { status: 502, headers: {} }
      proxy.cut()
      await until(() => made.state.state === 'offline')
      await remove(running.url, gone)
      proxy.answer = undefined
      await until(() => told.length === 3)
      await post(running.url, here, '[2]')
      await until(() => told.length === 4)
      assert.deepEqual(told.slice(2), [`${gone} deleted`, `${here} 2`])
    })
  }

  test('a publication whose answer is lost is sent again, and is there once', async (t) => {
    const name = `ladder/${names++}`
    await create(running.url, name)
    const made = client(t, proxy.url)
    proxy.losesAnswers = true
    const publishing = Promise.all([1, 2, 3].map((n) => made.channel(name).publish(n)))
    await until(() => proxy.requests.length >= 2)
    proxy.losesAnswers = false
    await publishing
    const answer = await fetch(`${running.url}/v1/stream/${name}?offset=-1`)
    assert.deepEqual(await answer.json(), [1, 2, 3])
  })

  test('a publication that nobody answers in time has an unknown outcome, and does not come after others', async (t) => {
    const name = `ladder/${names++}`
    await create(running.url, name)
    const made = client(t, proxy.url, { publishTimeout: 2_000 }) // it has to have been sent
    proxy.losesAnswers = true
    await assert.rejects(made.channel(name).publish('first'), { code: 'unknown' })
    proxy.losesAnswers = false
    await made.channel(name).publish('second')
    const answer = await fetch(`${running.url}/v1/stream/${name}?offset=-1`)
    assert.deepEqual(await answer.json(), ['first', 'second'])
  })

  test('what can never be stored is refused, and what comes after it is stored', async (t) => {
    const name = `ladder/${names++}`
    await create(running.url, name, 'application/json', { 'Stream-Closed': 'true' })
    const made = client(t, proxy.url)
    await assert.rejects(made.channel(name).publish(1), { code: 'conflict', reason: 'closed' })
    await assert.rejects(made.channel(`${name}/none`).publish(1), { code: 'not_found' })
    await assert.rejects(made.channel(name).publish(undefined), { code: 'invalid' })
    await create(running.url, `${name}/none`)
    await made.channel(`${name}/none`).publish(2)
    made.close()
    await assert.rejects(made.channel(name).publish(1), { code: 'closed' })
  })
})
