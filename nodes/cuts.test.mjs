// A network that drops what passes between a node and Redis, and tells nobody: Redis runs in a network of its own, to which
// each of two nodes has a wire.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startNodes } from './nodes.mjs'
import { missingRedis, startRedis } from './redis.mjs'
import { append, appendForCertain, create, follow, has, pause, producer, run, until } from './support.mjs'

const NETWORK = `swcut${process.pid}` // other runs on this machine may do the same
const ADDRESSES = `10.214.${process.pid % 250}.`
const WIRES = [1, 2].map((n) => ({
  name: `swcut${process.pid % 10_000}w${n}`,
  inside: `wire${n}`,
  near: `${ADDRESSES}${4 * n + 1}`,
  far: `${ADDRESSES}${4 * n + 2}`,
  hardware: `02:00:00:00:00:0${n}`,
}))
const TIMEOUT_MILLIS = 3_000
const BUSY_MILLIS = 1_500 // for a machine that does other things
const CUT_MILLIS = 11_000
const BACK_MILLIS_MAX = 10_000
const CONNECTIONS_EACH = 3 // of a node to Redis: what changes, what looks, calls

const withNetworks = has('ip', 'netns', 'add', NETWORK)
const missing = missingRedis() ?? (withNetworks ? undefined : 'networks of its own need root and the program ip (Debian’s package iproute2)')
if (withNetworks) process.on('exit', () => run('ip', 'netns', 'del', NETWORK)) // which takes its wires along

describe('a cut between a node and Redis', { skip: missing ?? false }, () => {
  const ends = []
  const t = { after: (end) => ends.unshift(end) }
  let redis
  let cut
  let other

  before(async () => {
    for (const { name, inside, near, far, hardware } of WIRES) {
      run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', inside, 'address', hardware, 'netns', NETWORK)
      run('ip', 'addr', 'add', `${near}/30`, 'dev', name)
      run('ip', 'link', 'set', name, 'up')
      run('ip', '-n', NETWORK, 'addr', 'add', `${far}/30`, 'dev', inside)
      run('ip', '-n', NETWORK, 'link', 'set', inside, 'up')
      // Who is at the other end need not be asked, and so nobody finds out that there is no answer.
      run('ip', 'neigh', 'replace', far, 'lladdr', hardware, 'nud', 'permanent', 'dev', name)
    }
    const within = ['ip', 'netns', 'exec', NETWORK]
    const options = ['--bind', ...WIRES.map(({ far }) => far), '--protected-mode', 'no']
    redis = await startRedis(t, options, { within, host: WIRES[1].far })
    const at = ({ far }) => ({ redis: { url: `redis://${far}:${redis.port}` }, count: 1, timeout: `${TIMEOUT_MILLIS}ms` })
    ;[[cut], [other]] = await Promise.all([startNodes(t, { ...at(WIRES[0]), log: 'node-cut' }), startNodes(t, { ...at(WIRES[1]), log: 'node-other' })])
  })

  after(async () => {
    for (const end of ends) await end()
  })

  const ready = async ({ url }) => (await fetch(`${url}/health/ready`)).status

  test('writers there are told soon, all others notice nothing, and afterwards nothing is missing', async (t) => {
    await create(cut.url, 'room')
    const readers = [await follow(t, cut.url, 'room'), await follow(t, other.url, 'room')]
    assert.equal((await append(cut.url, 'room', 'before')).status, 204)
    await until(() => readers.every(({ data }) => data.length === 1))
    const connections = await redis.connections()

    run('ip', '-n', NETWORK, 'link', 'set', WIRES[0].inside, 'down')
    const refusals = []
    const delays = []
    const expected = ['before']
    for (const end = Date.now() + CUT_MILLIS; Date.now() < end; await pause(50)) {
      const refused = append(cut.url, 'room', 'uncertain', producer('cut', 0))
      const message = `meanwhile ${expected.length}`
      assert.equal((await append(other.url, 'room', message)).status, 204)
      expected.push(message)
      delays.push(await until(() => readers[1].data.at(-1) === message))
      refusals.push(await refused)
    }
    assert.deepEqual(new Set(refusals.map(({ status }) => status)), new Set([503]))
    assert.ok(refusals.every(({ retryAfter }) => Number(retryAfter) > 0))
    const slowest = Math.max(...refusals.map(({ millis }) => millis))
    assert.ok(slowest < TIMEOUT_MILLIS + BUSY_MILLIS, `refused after ${slowest} ms`)
    assert.ok(Math.max(...delays) < BUSY_MILLIS, `elsewhere messages took ${Math.max(...delays)} ms`)
    assert.equal(await ready(cut), 503)
    assert.equal((await fetch(`${cut.url}/health/live`)).status, 200)
    assert.equal(await ready(other), 200)
    assert.deepEqual(readers[0].data, ['before'])

    run('ip', '-n', NETWORK, 'link', 'set', WIRES[0].inside, 'up')
    const back = await until(async () => (await ready(cut)) === 200, BACK_MILLIS_MAX)
    // What was on its way when the wire was cut may arrive now, so the uncertain one stands anywhere; but once.
    const certain = ({ data }) => data.filter((message) => message !== 'uncertain')
    const caughtUp = back + (await until(() => certain(readers[0]).length === expected.length, BACK_MILLIS_MAX))
    await appendForCertain(cut.url, 'room', 'uncertain', 'cut', 0)
    await until(() => readers.every(({ data }) => data.length > expected.length))
    assert.deepEqual(readers[0].data, readers[1].data)
    assert.deepEqual(certain(readers[0]), expected)
    assert.equal(readers[0].data.length, expected.length + 1)
    assert.deepEqual(readers.map(({ ended }) => ended), [false, false])
    const more = (await redis.connections()) - connections
    assert.ok(more <= 2 * CONNECTIONS_EACH, `${more} connections for ${CONNECTIONS_EACH}`)
    const seen = { refused: refusals.length, slowest, delayElsewhere: Math.max(...delays), back, caughtUp, connections: more }
    t.diagnostic(JSON.stringify(seen))
  })

  test('where only answers are dropped, what was stored is stored once', async (t) => {
    await create(other.url, 'one-way')
    const readers = [await follow(t, cut.url, 'one-way'), await follow(t, other.url, 'one-way')]
    await appendForCertain(cut.url, 'one-way', 0, 'one-way', 0)
    await until(() => readers.every(({ data }) => data.length === 1))
    run('ip', '-n', NETWORK, 'route', 'add', 'blackhole', `${WIRES[0].near}/32`)
    const refused = await append(cut.url, 'one-way', 1, producer('one-way', 1))
    assert.equal(refused.status, 503)
    assert.ok(refused.millis < TIMEOUT_MILLIS + BUSY_MILLIS, `refused after ${refused.millis} ms`)
    await until(() => readers[1].data.length === 2) // it was stored all the same
    run('ip', '-n', NETWORK, 'route', 'del', 'blackhole', `${WIRES[0].near}/32`)
    for (const n of [1, 2]) await appendForCertain(cut.url, 'one-way', n, 'one-way', n)
    await until(() => readers.every(({ data }) => data.length === 3))
    for (const { data } of readers) assert.deepEqual(data, [0, 1, 2])
  })
})
