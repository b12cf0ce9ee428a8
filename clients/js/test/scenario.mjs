// All transports at once through bad weather: clients that read and clients that publish, behind a chaos proxy, while the
// server is killed and restarted. One for the tests and for the table of docs/reliability.md.
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { connect } from '../src/index.js'
import { CALM, Chaos, WILD } from './chaos.mjs'
import { Checker } from './checker.mjs'
import { create, TRANSPORTS, until } from './support.mjs'

const READERS = 2
const PUBLISHERS = 2
const OUTSTANDING_MAX = 20
const SETTLE_MILLIS_MAX = 120_000

export const WAYS = [...TRANSPORTS.map((name) => ({ name, transports: [name] })), { name: 'ladder' }]

/**
 * @param {object} running a server, as `serve` of support.mjs makes it
 * @param {{ seed: number, seconds: number, events: ('kill' | 'restart')[] }} options events: at equal distances
 * @returns {Promise<{ rows: object[], chaos: object }>}
 */
export async function weather(running, { seed, seconds, events }) {
  const chaos = await Chaos.start({ to: running.server.port, seed })
  const clients = []
  const made = (transports) => {
    const client = connect(chaos.url, { WebSocket, transports, heartbeat: 1_000, pollEvery: 100 })
    clients.push(client)
    return client
  }
  try {
    const runs = []
    for (const { name, transports } of WAYS) {
      const channel = `chaos/${seed}/${name}`
      await create(running.url, channel)
      runs.push(begin(name, channel, () => made(transports)))
    }
    await until(() => runs.every((run) => run.checkers.every(({ received }) => received > 0)))
    chaos.weather = WILD
    chaos.cutAll() // so that all connections are of this weather
    for (const event of events) {
      await pause((seconds * 1_000) / (events.length + 1))
      await running.server[event === 'kill' ? 'kill' : 'stop']()
      await running.again()
      chaos.to = running.server.port
    }
    await pause((seconds * 1_000) / (events.length + 1))
    chaos.weather = CALM
    await Promise.all(runs.map((run) => run.stop()))
    await until(() => runs.every((run) => run.checkers.every(({ isComplete }) => isComplete)), SETTLE_MILLIS_MAX)
    return { rows: runs.map((run) => run.row()), chaos: chaos.counts }
  } finally {
    for (const client of clients) client.close()
    await chaos.stop()
  }
}

function begin(name, channel, made) {
  const checkers = Array.from({ length: READERS }, () => new Checker())
  const used = new Set()
  let connections = 0
  let goesOn = true
  let unknown = 0
  for (const checker of checkers) {
    const client = made()
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
      await pause(2)
    }
    await Promise.all(outstanding)
  })
  return {
    checkers,
    stop() {
      goesOn = false
      return Promise.all(publishing)
    },
    row() {
      const all = checkers.map((checker) => checker.verdict())
      const sum = (what) => all.reduce((total, verdict) => total + verdict[what], 0)
      const verdict = Object.fromEntries(Object.keys(all[0]).map((what) => [what, sum(what)]))
      return { name, used: [...used], connections, published: checkers[0].acknowledged, received: receivedBy(checkers), unknown, verdict }
    },
  }
}

const receivedBy = (checkers) => checkers.reduce((total, { received }) => total + received, 0)
