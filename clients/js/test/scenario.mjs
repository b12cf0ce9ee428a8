// All our clients on all transports at once through bad weather: some read and some publish, behind a chaos proxy, while the
// server is killed and restarted. One for the tests and for the table of docs/reliability.md.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { connect } from '../src/index.js'
import { launch, launchWithQuic, missingBrowser, servePages } from './browser.mjs'
import { CALM, Chaos, WILD } from './chaos.mjs'
import { Checker, CLEAN } from './checker.mjs'
import { missingJava, startJava, startPage } from './remote.mjs'
import { create, TRANSPORTS, until } from './support.mjs'

const READERS = 2
const PUBLISHERS = 2
const OUTSTANDING_MAX = 20
const PUBLISH_MILLIS = 10
const SETTLE_MILLIS_MAX = 120_000

export const WAYS = [...TRANSPORTS.map((name) => ({ name, transports: [name] })), { name: 'ladder' }]

/**
 * The clients, what is missing here to have them, and how they come to be: `start` resolves with `forWay`, which makes `connect`. It is given
 * the server's `url` and `ca` where they are to speak HTTP/3, as far as they can.
 */
export const KINDS = {
  node: {
    name: 'JavaScript in Node.js',
    missing: () => undefined,
    start: async () => ({ forWay: () => (url, options) => connect(url, { WebSocket, ...options }), stop() {}, errors: () => [] }),
  },
  java: {
    name: 'Java',
    missing: missingJava,
    async start() {
      const java = startJava()
      return { forWay: () => java.connect, stop: java.stop, errors: () => java.errors }
    },
  },
  chromium: {
    name: 'JavaScript in Chromium',
    missing: missingBrowser,
    async start(http3) {
      const browser = await (http3 ? launchWithQuic(new URL(http3.url).host, http3.ca) : launch())
      const pages = await servePages()
      const probes = []
      return {
        // Each as another user: a browser opens few connections for one.
        async forWay() {
          const context = await browser.newContext({ ignoreHTTPSErrors: true })
          const page = await context.newPage()
          await page.goto(pages.origin)
          if (http3) await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), http3.url) // so that its WebSockets come that way
          probes.push(await startPage(page, pages.module))
          return probes.at(-1).connect
        },
        errors: () => probes.flatMap(({ errors }) => errors),
        async stop() {
          await browser.close()
          pages.stop()
        },
      }
    },
  },
}

// What has happened to connections; a weather that was not bad shows nothing.
const befallen = ({ counts }) => counts.cut + counts.half + counts.swallow + counts.lost
const BEFALLEN_MIN = 5

/** Those that can be here. */
export const present = () => Object.keys(KINDS).filter((kind) => KINDS[kind].missing() === undefined)

/**
 * @param {object} running a server, as `serve` of support.mjs makes it, or `serveTls`, or several, as `serveNodes` does
 * @param {{ seed: number, seconds: number, events: ('kill' | 'restart' | 'redis')[], kinds?: string[], ways?: string[], storm?: object, http3?: boolean, isShort?: boolean }}
 *     options events: at equal distances; ways: those of these names only; storm: what befalls connections; isShort: what was swallowed is cut in the end, so that
 *     nobody waits until it is found out
 * @returns {Promise<{ rows: object[], chaos: object, settledMillis: number }>} settledMillis: until all was there, after the weather
 */
export async function weather(running, { seed, seconds, events, kinds = present(), ways, storm = WILD, http3 = false, isShort = false }) {
  const chaos = await Chaos.start({ to: running.nextPort, seed, udp: http3 })
  const { ca } = running
  // By name Chromium takes the first address alone for HTTP/3, which is another one.
  const url = ca === undefined ? chaos.url : chaos.url.replace('http://127.0.0.1', http3 ? 'https://127.0.0.1' : 'https://localhost')
  const started = []
  const clients = []
  try {
    const runs = []
    for (const kind of kinds) {
      const clientsOf = await KINDS[kind].start(http3 ? { url, ca } : undefined)
      started.push(clientsOf)
      for (const { name, transports } of WAYS) {
        if (ways && !ways.includes(name)) continue
        const connectTo = await clientsOf.forWay()
        const channel = `chaos/${seed}/${kind}/${name}`
        await create(running.url, channel)
        const made = () => {
          clients.push(connectTo(url, { transports, heartbeat: 1_000, pollEvery: 100, ...(kind === 'java' && { ca }) }))
          return clients.at(-1)
        }
        runs.push(begin({ kind, name }, channel, made))
      }
    }
    await until(() => runs.every((run) => run.checkers.every(({ received }) => received > 0)))
    chaos.weather = storm
    chaos.cutAll() // so that all connections are of this weather
    for (const event of events) {
      await pause((seconds * 1_000) / (events.length + 1))
      await running.befall(event)
    }
    await pause((seconds * 1_000) / (events.length + 1))
    await until(() => befallen(chaos) > BEFALLEN_MIN) // where few connections carry all, or the machine is slow, it takes longer
    chaos.weather = CALM
    if (isShort) chaos.cutAll()
    const begun = Date.now()
    await Promise.all(runs.map((run) => run.stop()))
    await settled(runs)
    const errors = started.flatMap((each) => each.errors())
    if (errors.length > 0) throw new Error(errors.join('; '))
    return { rows: runs.map((run) => run.row()), chaos: chaos.counts, settledMillis: Date.now() - begun }
  } finally {
    for (const client of clients) client.close()
    for (const each of started) await each.stop()
    await chaos.stop()
  }
}

/**
 * The tests of one weather: with every client, on every transport, nothing is lost, doubled or out of order.
 *
 * @param {{ seed: number, seconds: number, events: string[], kinds?: string[], ways?: string[], flags?: string[], storm?: object, start: Function, skip?: string | false }} options
 *     kinds: of KINDS, those that are missing here are skipped; flags: of the server, beside those of all; start: `serve` or `serveNodes` of support.mjs; the others are
 *     those of `weather`
 */
export function testWeather(title, { kinds = Object.keys(KINDS), flags = [], start, skip = false, ...options }) {
  const { seed, ways } = options
  describe(`${title}, seed ${seed}`, { skip }, () => {
    const ends = []
    let seen

    before(async () => {
      const running = await start({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s', ...flags])
      const here = present().filter((kind) => kinds.includes(kind))
      seen = await weather(running, { ...options, kinds: here, isShort: true })
    })

    after(async () => {
      for (const end of ends) await end()
    })

    for (const kind of kinds) {
      const { name, missing } = KINDS[kind]
      test(name, { skip: missing() ?? false }, (t) => {
        const rows = seen.rows.filter((row) => row.kind === kind)
        t.diagnostic(JSON.stringify(rows))
        assert.equal(rows.length, (ways ?? WAYS).length)
        for (const { name, verdict, published, connections } of rows) {
          assert.deepEqual(verdict, CLEAN, `${name}, seed ${seed}`)
          assert.ok(published > 20, `${name} published ${published}`)
          assert.ok(connections > 2, `${name} connected ${connections} times`)
        }
      })
    }

    test('the weather was bad', (t) => {
      t.diagnostic(JSON.stringify({ ...seen.chaos, settledMillis: seen.settledMillis }))
      assert.ok(befallen({ counts: seen.chaos }) > BEFALLEN_MIN, JSON.stringify(seen.chaos))
    })
  })
}

// What is missing after all patience counts as lost.
async function settled(runs) {
  try {
    await until(() => runs.every((run) => run.checkers.every(({ isComplete }) => isComplete)), SETTLE_MILLIS_MAX)
  } catch {
    for (const run of runs) for (const state of run.stuck()) console.error(JSON.stringify({ ...run.row(), state }))
  }
}

function begin({ kind, name }, channel, made) {
  const checkers = Array.from({ length: READERS }, () => new Checker())
  const used = new Set()
  const readers = []
  let connections = 0
  let goesOn = true
  let unknown = 0
  for (const checker of checkers) {
    const client = made()
    readers.push({ client, checker })
    client.onState = ({ state, transport }) => {
      if (state !== 'live') return
      connections++
      used.add(transport)
    }
    client.channel(channel).subscribe({ from: '-1', onMessage: checker.message, onGap: checker.gap })
  }
  const publishing = Array.from({ length: PUBLISHERS }, async (_, p) => {
    const target = made().channel(channel)
    const outstanding = new Set()
    for (let n = 0; goesOn; n++) {
      const message = { p, n, padding: 'x'.repeat(n % 300) }
      const outcome = target.publish(message).then(
        () => checkers.forEach((checker) => checker.published(p, n)),
        () => (unknown++, checkers.forEach((checker) => checker.unknown(p, n))),
      )
      outstanding.add(outcome)
      outcome.finally(() => outstanding.delete(outcome))
      if (outstanding.size >= OUTSTANDING_MAX) await Promise.race(outstanding)
      await pause(PUBLISH_MILLIS)
    }
    await Promise.all(outstanding)
  })
  return {
    checkers,
    stop() {
      goesOn = false
      return Promise.all(publishing)
    },
    stuck: () => readers.filter(({ checker }) => !checker.isComplete).map(({ client, checker }) => ({ ...client.state, missing: checker.missing })),
    row() {
      const all = checkers.map((checker) => checker.verdict())
      const sum = (what) => all.reduce((total, verdict) => total + verdict[what], 0)
      const verdict = Object.fromEntries(Object.keys(all[0]).map((what) => [what, sum(what)]))
      return { kind, name, used: [...used], connections, published: checkers[0].acknowledged, received: receivedBy(checkers), unknown, verdict }
    },
  }
}

const receivedBy = (checkers) => checkers.reduce((total, { received }) => total + received, 0)
