// A server with many clients is restarted: when do they try to come back, and when are they back?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Client } from './clients.mjs'
import { plot } from './plot.mjs'

const USAGE = `usage: benchmarks/clients/herd [--clients N] [--svg FILE] [--json] [jitter|ceiling|drain ...]

Connects N clients (10,000 by default, 19,000 at most) to ./switchboard serve, ends the server, starts it again a second
after it is gone, and counts the clients' attempts and successes in each 100 ms from the signal on, for 60 s at most.
An attempt counts when it is due; how late this machine made it is told.

  ceiling  kill -9; everybody waits as long as the backoff allows: no jitter
  jitter   kill -9; everybody waits a random part of that, as our clients do
  drain    SIGTERM with a drain of 10 s; clients of switchboard.v1 are told when to come back, and wait with jitter after

Without a name, all three. --svg draws them. --json prints all figures on stdout in place of the table. The waits are those
of clients/js/src/backoff.js. All goes to 127.0.0.1. Exit code 1: not all were back in time, or something failed.`

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const CLIENTS_MAX = 19_000
const AT_ONCE = 100
const SETTLE_MILLIS = 2_000
const GAP_MILLIS = 1_000
const RUN_MILLIS_MAX = 60_000
const OPEN_MILLIS_MAX = 60_000
const START_MILLIS_MAX = 30_000
const DRAIN_SECONDS = 10
const END_MILLIS_MAX = 30_000
const BIN_MILLIS = 100
const CHANNEL = 'news'

const RUNS = {
  ceiling: { title: 'kill -9, without jitter', signal: 'SIGKILL', line: false, random: () => 1 - Number.EPSILON / 2 },
  jitter: { title: 'kill -9, full jitter', signal: 'SIGKILL', line: false, random: Math.random },
  drain: { title: `SIGTERM, drain ${DRAIN_SECONDS} s`, signal: 'SIGTERM', line: true, random: Math.random },
}

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis))
const cleanups = new Set()
const cleanUp = () => {
  for (const each of [...cleanups].reverse()) each()
  cleanups.clear()
}

class Server {
  #child
  #exited
  #errors = ''

  constructor(data, port, clients) {
    const limits = ['--limits-connections', clients + 100, '--limits-connections-per-address', clients + 100]
    const flags = ['--port', port, '--data', data, '--drain', `${DRAIN_SECONDS}s`, ...limits].map(String)
    // A group of its own: a Ctrl-C is for this program, which ends it.
    const how = { cwd: home, stdio: ['ignore', 'pipe', 'pipe'], detached: true }
    this.#child = spawn(path.join(home, 'switchboard'), ['serve', ...flags], how)
    this.#exited = once(this.#child, 'exit')
    this.#child.stderr.on('data', (text) => (this.#errors = (this.#errors + text).slice(-2_000)))
    this.kill = this.kill.bind(this)
    cleanups.add(this.kill)
  }

  /** Resolves with its port when it listens. */
  async listening() {
    const lines = createInterface({ input: this.#child.stdout })
    const found = new Promise((resolve) => {
      lines.on('line', (line) => {
        const port = /^Switchboard listens on http:\/\/[^ ;]+:(\d+)/.exec(line)?.[1]
        if (port) resolve(Number(port))
      })
    })
    const port = await Promise.race([found, this.#exited.then(() => 0), sleep(START_MILLIS_MAX)])
    if (!port) throw new Error(`The server did not start: ${this.#errors}`)
    return port
  }

  async end(signal) {
    this.#child.kill(signal)
    const timer = setTimeout(this.kill, END_MILLIS_MAX)
    await this.#exited
    clearTimeout(timer)
    cleanups.delete(this.kill)
  }

  kill() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // it has ended
    }
  }
}

/** Counts from now on, by BIN_MILLIS: attempts when they are due, however late this machine makes them. */
class Counts {
  begun = performance.now()
  attempts = new Array(RUN_MILLIS_MAX / BIN_MILLIS).fill(0)
  back = new Array(RUN_MILLIS_MAX / BIN_MILLIS).fill(0)
  lateMillisMax = 0

  get millis() {
    return performance.now() - this.begun
  }

  attempt(due) {
    this.lateMillisMax = Math.max(this.lateMillisMax, performance.now() - due)
    this.#add(this.attempts, due)
  }

  isBack() {
    this.#add(this.back, performance.now())
  }

  #add(bins, at) {
    const bin = Math.floor((at - this.begun) / BIN_MILLIS)
    if (bin < bins.length) bins[bin]++
  }
}

async function run(name, clientsWanted) {
  const { title, signal, line, random } = RUNS[name]
  const data = mkdtempSync(path.join(tmpdir(), 'herd.'))
  const clients = []
  const leave = () => {
    for (const client of clients) client.close()
    // a killed server may still be ending
    rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  cleanups.add(leave)
  let server = new Server(data, 0, clientsWanted)
  try {
    const port = await server.listening()
    const url = `http://127.0.0.1:${port}/v1/stream/${CHANNEL}`
    const created = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' } })
    if (!created.ok) throw new Error(`The channel was not made: ${created.status}`)

    let up = 0
    let allUp = () => {}
    let counts
    const cameBackAt = [] // millis, of those that are back for the first time
    const how = { port, line, channel: CHANNEL, random, path: line ? '/live' : `/v1/stream/${CHANNEL}` }
    const all = async (millisMax) => {
      const limit = sleep(millisMax)
      await Promise.race([new Promise((resolve) => (allUp = resolve)), limit])
    }
    const when = () => (counts ? ` after ${seconds(counts.millis)}` : '')
    const show = progress(() => `${title}: ${up.toLocaleString('en')} connected${when()}`)
    try {
      let begun = 0
      const next = () => {
        if (begun++ >= clientsWanted) return
        let wasUp = false // before the server was ended
        let isBack = false
        const client = new Client({
          ...how,
          trying: (due) => counts?.attempt(due),
          up: () => {
            up++
            if (!wasUp) {
              wasUp = true
              next()
            } else if (counts && !isBack) {
              isBack = true
              counts.isBack()
              cameBackAt.push(counts.millis)
            }
            if (up === clientsWanted) allUp()
          },
          down: () => up--,
        })
        clients.push(client)
        client.open()
      }
      for (let i = 0; i < AT_ONCE; i++) next()
      await all(OPEN_MILLIS_MAX)
      if (up < clientsWanted) throw new Error(`Only ${up} of ${clientsWanted} clients were connected within ${seconds(OPEN_MILLIS_MAX)}.`)
      await sleep(SETTLE_MILLIS)

      counts = new Counts()
      const over = all(RUN_MILLIS_MAX)
      await server.end(signal)
      const goneMillis = counts.millis
      await sleep(GAP_MILLIS)
      server = new Server(data, port, clientsWanted)
      await server.listening()
      const listeningMillis = counts.millis
      await over
      return summary({ name, title, clients: clientsWanted, goneMillis, listeningMillis, cameBackAt, counts })
    } finally {
      clearInterval(show)
    }
  } finally {
    await server.end('SIGKILL')
    leave()
    cleanups.delete(leave)
  }
}

function summary({ name, title, clients, goneMillis, listeningMillis, cameBackAt, counts }) {
  const share = (part) => Math.round(cameBackAt[Math.ceil(part * clients) - 1] ?? NaN)
  const last = Math.max(counts.attempts.findLastIndex(Boolean), counts.back.findLastIndex(Boolean))
  return {
    name,
    title,
    clients,
    back: cameBackAt.length,
    attempts: counts.attempts.reduce((sum, each) => sum + each, 0),
    peakAttempts: Math.max(...counts.attempts),
    peakBack: Math.max(...counts.back),
    lateMillisMax: Math.round(counts.lateMillisMax),
    goneMillis: Math.round(goneMillis),
    listeningMillis: Math.round(listeningMillis),
    halfMillis: share(0.5),
    mostMillis: share(0.99),
    allMillis: share(1),
    binMillis: BIN_MILLIS,
    attemptsByBin: counts.attempts.slice(0, last + 1),
    backByBin: counts.back.slice(0, last + 1),
  }
}

const seconds = (millis) => (Number.isFinite(millis) ? `${(millis / 1_000).toFixed(1)} s` : 'not')

function progress(text) {
  const isTerminal = process.stderr.isTTY
  const say = () => process.stderr.write(isTerminal ? `\r\x1b[K${text()}` : `${text()}\n`)
  return setInterval(say, isTerminal ? 300 : 5_000)
}

function table(results) {
  const rows = results.map((each) =>
    [
      each.title,
      each.attempts.toLocaleString('en'),
      each.peakAttempts.toLocaleString('en'),
      each.peakBack.toLocaleString('en'),
      ...[each.listeningMillis, each.halfMillis, each.mostMillis, each.allMillis, each.lateMillisMax].map(seconds),
    ].join(' | '),
  )
  const head =
    'restart | attempts | most in 100 ms | most back in 100 ms | listens again after | ' +
    '50 % back | 99 % back | all back | attempts late by at most'
  return [head, head.replace(/[^|]+/g, ' --- ').trim(), ...rows].map((row) => `| ${row} |`).join('\n')
}

function asked() {
  const options = {
    clients: { type: 'string', default: '10000' },
    svg: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  }
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const clients = Number(values.clients)
    if (!Number.isInteger(clients) || clients < 1 || clients > CLIENTS_MAX) {
      throw new Error(`--clients is a number from 1 to ${CLIENTS_MAX}, not ${values.clients}.`)
    }
    const unknown = positionals.find((name) => !Object.hasOwn(RUNS, name))
    if (unknown) throw new Error(`There is no ${unknown}.`)
    return { ...values, clients, names: positionals.length > 0 ? positionals : Object.keys(RUNS) }
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`)
    process.exit(2)
  }
}

const { clients, names, svg, json, help } = asked()
if (help) {
  console.log(USAGE)
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    cleanUp()
    process.exit(130)
  })
}
try {
  const results = []
  for (const name of names) {
    try {
      results.push(await run(name, clients))
    } catch (error) {
      console.error(`\nherd: ${RUNS[name].title}: ${error.message}`)
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (svg && results.length > 0) writeFileSync(svg, plot(results))
  const machine = `${cpus().length} processors (${cpus()[0].model}), Node.js ${process.versions.node}`
  if (json) console.log(JSON.stringify({ at: new Date().toISOString(), machine, results }))
  else console.log(`${clients.toLocaleString('en')} clients, ${machine}\n\n${table(results)}`)
  const isWhole = results.length === names.length && results.every((each) => each.back === each.clients)
  // also timers that only bound what is done by now
  process.exit(isWhole ? 0 : 1)
} catch (error) {
  cleanUp()
  console.error(`herd: ${error.message}`)
  process.exit(1)
}
