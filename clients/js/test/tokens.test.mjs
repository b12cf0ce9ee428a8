// A server that asks for tokens: they are fetched, renewed in place, refused and revoked.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Checker, CLEAN } from './checker.mjs'
import { ask, client, EVERYTHING, keys, pause, serve, TRANSPORTS, until } from './support.mjs'

const ends = []
const suite = { after: (end) => ends.unshift(end) }
let url
let token
let all // a token for everything
let names = 0

const bearer = (value) => ({ Authorization: `Bearer ${value}` })

async function channel() {
  const name = `k/${names++}`
  await ask(`${url}/v1/stream/${name}`, { method: 'PUT', headers: { ...bearer(all), 'Content-Type': 'application/json' } })
  return name
}

// They wait for tokens to end, so they wait together.
describe('tokens', { concurrency: true }, () => {
  before(async () => {
    const made = keys(suite)
    token = made.token
    all = token(EVERYTHING)
    url = (await serve(suite, [...made.flags, '--live-heartbeat', '1s', '--auth-clock-skew', '0s'])).url
  })
  after(async () => {
    for (const end of ends) await end()
  })

  for (const transport of TRANSPORTS) {
    test(`${transport}: tokens that end every few seconds are renewed, and nothing is missed`, async (t) => {
      const name = await channel()
      let calls = 0
      // They are renewed half-way, and a busy machine may stand still for two seconds.
      const getToken = async () => (calls++, token(EVERYTHING, 6))
      const states = []
      const made = client(t, url, { transports: [transport], getToken, onState: ({ state }) => states.push(state) })
      const checker = new Checker()
      made.channel(name).subscribe({ from: '-1', onMessage: checker.message, onGap: checker.gap })
      const begun = Date.now()
      for (let n = 0; Date.now() - begun < 10_000; n++) {
        await made.channel(name).publish({ p: 1, n })
        checker.published(1, n)
        await pause(20)
      }
      await until(() => checker.isComplete)
      assert.deepEqual(checker.verdict(), CLEAN)
      assert.ok(calls >= 2 && calls <= 12, `${calls} calls`)
      assert.ok(!states.includes('offline'), 'a connection ended with its token')
    })

    test(`${transport}: a token that is not accepted is the end, once there is no better one`, async (t) => {
      const name = await channel()
      let over
      let calls = 0
      const made = client(t, url, {
        transports: [transport],
        getToken: async () => (calls++, 'nonsense'),
        onUnauthorized: (error) => (over = error),
      })
      const told = []
      made.channel(name).subscribe({ onError: ({ code }) => told.push(code), onEnd: (reason) => told.push(reason) })
      await until(() => over !== undefined)
      assert.equal(over.code, 'unauthorized')
      assert.deepEqual(told, ['unauthorized', 'failed'])
      assert.equal(made.state.state, 'offline')
      assert.equal(calls, 2)
    })

    test(`${transport}: what the token does not allow ends alone`, async (t) => {
      const [mine, other] = [await channel(), await channel()]
      const made = client(t, url, { transports: [transport], token: token({ channels: { read: [mine], write: [mine] } }) })
      const seen = []
      made.channel(mine).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
      made.channel(other).subscribe({ onError: ({ code }) => seen.push(code) })
      await until(() => seen.length === 1)
      await made.channel(mine).publish(1)
      await until(() => seen.length === 2)
      assert.deepEqual(seen, ['forbidden', 1])
      await assert.rejects(made.channel(other).publish(1), { code: 'forbidden' })
    })

    test(`${transport}: who is revoked is out`, async (t) => {
      const name = await channel()
      const admin = token({ ...EVERYTHING, admin: true, sub: 'root' })
      let over
      const bob = token({ ...EVERYTHING, sub: `bob-${transport}` })
      const made = client(t, url, { transports: [transport], token: bob, onUnauthorized: (error) => (over = error) })
      let ended
      const subscription = made.channel(name).subscribe({ onMessage() {}, onEnd: (reason) => (ended = reason) })
      await until(() => made.state.state === 'live' && subscription.offset !== 'now')
      await ask(`${url}/v1/sessions?sub=bob-${transport}`, { method: 'DELETE', headers: bearer(admin) })
      await until(() => ended !== undefined)
      assert.equal(ended, 'failed')
      assert.equal(made.state.state, 'offline')
      assert.equal(over.code, 'unauthorized')
    })
  }

  test('whoever needs a token meanwhile waits for the same one, and one that fails is asked for again', async (t) => {
    const name = await channel()
    let calls = 0
    const getToken = async () => {
      if (calls++ === 0) throw new Error('not now')
      await pause(50)
      return all
    }
    const made = client(t, url, { getToken, transports: ['long-poll'] })
    const seen = []
    for (const other of [name, await channel(), await channel()]) made.channel(other).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
    await made.channel(name).publish(1)
    await until(() => seen.length === 1)
    assert.equal(calls, 2)
  })

  test('with tickets the handshake carries one, and never the token', async (t) => {
    const name = await channel()
    const urls = []
    const { WebSocket } = await import('ws')
    class Seen extends WebSocket {
      constructor(target, protocol) {
        urls.push(String(target))
        super(target, protocol)
      }
    }
    const made = client(t, url, { token: all, tickets: true, WebSocket: Seen, transports: ['websocket'] })
    const seen = []
    made.channel(name).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
    await made.channel(name).publish(1)
    await until(() => seen.length === 1)
    assert.match(urls[0], /\/live\?ticket=/)
    assert.equal(urls.some((each) => each.includes(all)), false)
  })
})
