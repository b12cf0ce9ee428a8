// Our clients through each of the fixtures: everything is delivered once and in order, and they say what carries it, and why
// nothing better does.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Checker, CLEAN } from '../clients/js/test/checker.mjs'
import { missingJava, startJava, startNode } from '../clients/js/test/remote.mjs'
import { create, post, until } from '../clients/js/test/support.mjs'
import { startServer } from '../harness/server.mjs'
import { fixture, fixtures, missing } from './fixtures.mjs'

const AT_ONCE = 12
const OWN = 5 // messages that each client publishes itself, through the proxy
const LATER = 10 // messages when the client is where it is to end
const SETTLE_MILLIS_MAX = 45_000
const QUICK = { heartbeat: 1_000, pollEvery: 200 }

const NO_WEBSOCKET = { node: /^websocket: not opened$/, java: /^websocket: the handshake was answered [0-9]+$/ }
const CUT = { node: /^websocket: closed with 1006$/, java: /^websocket: the connection was lost$/ }
const HELD_BACK = { node: /^sse: its first bytes did not come$/, java: /^sse: its first bytes did not come within 10 s$/ }

// What each fixture must lead to: the transport, and why no better one. Some are gone through on lower transports as well, which
// are then the best that is allowed.
const WEBSOCKET = { leadsTo: 'websocket' }
// What is between the proxy and the server ends in the middle of what it carries, or is silent from there on.
const BAD_UPSTREAM = [
  { behind: 'dropping', first: 24, bytes: 1_000, leadsTo: 'websocket' },
  { behind: 'half-dead', first: 17, bytes: 1_000, leadsTo: 'websocket' },
]
const [SSE, LONG_POLL, POLLING] = ['sse', 'long-poll', 'polling'].map((name) => ({ transports: [name], leadsTo: name }))
const BUFFERED = { transports: ['sse', 'long-poll', 'polling'], first: 5, leadsTo: 'long-poll', why: HELD_BACK }
const EXPECTED = {
  nginx: [WEBSOCKET, SSE, LONG_POLL, POLLING, ...BAD_UPSTREAM],
  'nginx-tls': [WEBSOCKET, SSE],
  'nginx-cache': [WEBSOCKET, LONG_POLL],
  haproxy: [WEBSOCKET, SSE, LONG_POLL, ...BAD_UPSTREAM],
  'haproxy-tls': [WEBSOCKET, SSE],
  'haproxy-h2': [WEBSOCKET, SSE, LONG_POLL],
  'nginx-no-upgrade': [{ leadsTo: 'sse', why: NO_WEBSOCKET }],
  'haproxy-no-websocket': [{ leadsTo: 'sse', why: NO_WEBSOCKET }],
  'haproxy-no-upgrade': [{ leadsTo: 'sse', why: NO_WEBSOCKET }],
  // Signs of life come more often than the proxy cuts; or, where nobody has set that up, too rarely.
  'nginx-idle': [WEBSOCKET, SSE, { isQuiet: true, leadsTo: 'sse', why: CUT }],
  'haproxy-idle': [WEBSOCKET, SSE, { isQuiet: true, leadsTo: 'sse', why: CUT }],
  'nginx-buffering': [WEBSOCKET, BUFFERED],
  'haproxy-buffering': [WEBSOCKET, BUFFERED],
  'haproxy-delay': [SSE],
  'nginx-http-1.0': [{ leadsTo: 'sse', why: NO_WEBSOCKET }],
  // A few cuts are the weather; three in a row are the proxy's doing.
  dropping: [
    { first: 24, bytes: 1_000, leadsTo: 'websocket' },
    { first: 52, bytes: 1_000, leadsTo: 'sse', why: CUT },
  ],
  'half-dead': [{ first: 17, bytes: 1_000, leadsTo: 'websocket' }],
}

let data, server, quietServer, node, java

before(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'switchboard-through-'))
  const start = (name, flags) => startServer({ data: path.join(data, name), flags, log: `proxies-clients-${name}` })
  server = await start('server', ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s'])
  quietServer = await start('quiet', [])
  node = startNode()
  if (missingJava() === undefined) java = startJava()
})

after(async () => {
  await java?.stop()
  await node?.stop()
  await server?.stop()
  await quietServer?.stop()
  rmSync(data, { recursive: true, force: true })
})

test('every fixture has what it must lead to written down', () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), fixtures.map(({ name }) => name).sort())
})

const titleOf = ({ behind, transports, bytes, first, isQuiet }) =>
  [behind && `${behind} behind it`, transports?.join(), isQuiet && 'without signs of life', bytes && `${first} messages of ${bytes} bytes`].filter(Boolean).join(', ')

describe('through', { concurrency: AT_ONCE }, () => {
  for (const [name, runs] of Object.entries(EXPECTED)) {
    for (const [kind, noSuch] of [['node', undefined], ['java', missingJava()]]) {
      for (const [i, run] of runs.entries()) {
        const title = `${name}, ${kind}${titleOf(run) && `, ${titleOf(run)}`}: ${run.leadsTo}`
        const skip = missing(fixture(name)) ?? noSuch
        test(title, { skip }, (t) => through(t, name, kind, run, `${kind}/${name}/${i}`))
      }
    }
  }
})

async function through(t, name, kind, { behind, isQuiet, transports, first = 20, bytes = 0, leadsTo, why }, channel) {
  const to = isQuiet ? quietServer : server
  const upstream = behind && (await fixture(behind).start(to.port))
  const proxy = await fixture(name).start(upstream?.port ?? to.port)
  // A Node.js can be told whom to trust only when it starts.
  const own = kind === 'node' && proxy.ca !== undefined ? startNode(proxy) : undefined
  const probe = own ?? { node, java }[kind]
  const checker = new Checker()
  const states = []
  let published = 0
  const publish = async (count, bytes = 0) => {
    for (const end = published + count; published < end; published++) {
      checker.published(0, published)
      await post(to.url, channel, JSON.stringify([{ p: 0, n: published, padding: randomBytes(bytes).toString('base64') }]))
    }
  }
  let client
  try {
    await create(to.url, channel)
    await publish(first, bytes) // at random: a WebSocket may be compressed
    client = probe.connect(proxy.url, {
      transports,
      ca: proxy.ca,
      ...(isQuiet ? {} : QUICK),
      onState: ({ transport, why }) => states.push({ transport, why }),
    })
    client.channel(channel).subscribe({ from: '-1', onMessage: checker.message, onGap: checker.gap })
    const isThere = ({ transport, why: said } = {}) => transport === leadsTo && (why?.[kind] ?? /^$/).test(said)
    try {
      await until(() => checker.isComplete && isThere(states.at(-1)), SETTLE_MILLIS_MAX)
    } catch {
      assert.fail(`${JSON.stringify(checker.verdict())} after ${JSON.stringify(states)}`)
    }
    t.diagnostic(`${leadsTo}, ${states.at(-1).why || 'nothing to explain'}`)
    const publishing = Array.from({ length: OWN }, async (_, n) => {
      await client.channel(channel).publish({ p: 1, n })
      checker.published(1, n)
    })
    await Promise.all([publish(LATER), ...publishing])
    await until(() => checker.isComplete, SETTLE_MILLIS_MAX)
    assert.deepEqual(checker.verdict(), CLEAN)
    assert.deepEqual(probe.errors, [])
  } finally {
    client?.close()
    await own?.stop()
    await proxy.stop()
    await upstream?.stop()
  }
}
