// The same over HTTP/1.1 and HTTP/2, in turns, each run with a server of its own: fan-out, bytes a message, and memory. With
// --tls, over TLS, where HTTP/3 is there too: 50 messages a second to 500 readers, and memory. With --against FOLDER, HTTP/1.1 of
// the program in another folder beside that of this one, in pairs. Server on one core, load on the other.
//
//   node benchmarks/http/versions.mjs [--rounds 2] [--seconds 4] [--warmup 4] [--connections 8000] [--tls | --against FOLDER]
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const home = path.resolve(import.meta.dirname, '..', '..')
const { values: asked } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '4' },
    warmup: { type: 'string', default: '4' },
    connections: { type: 'string', default: '8000' },
    tls: { type: 'boolean', default: false },
    against: { type: 'string' },
  },
})
const tool = path.join(home, 'switchboard')

/** Starts a server of `folder` for one measurement, which is given its URL, its process and its certificate. */
async function withServer(folder, flags, measure, environment = {}) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-versions-'))
  const server = spawn(
    'taskset',
    ['-c', '0', path.join(folder, 'switchboard'), 'serve', '--port', '0', '--store', 'memory', '--data', path.join(data, 'data'), ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } },
  )
  const exited = once(server, 'exit')
  try {
    let url
    for await (const line of createInterface({ input: server.stdout })) {
      url ??= /^Switchboard listens on (https?:\/\/[^ ;]+)/.exec(line)?.[1]
      if (line.startsWith('Ctrl-C')) break
    }
    return await measure({ url, pid: server.pid, certificate: path.join(data, 'dev-tls', 'certificate.pem') })
  } finally {
    server.kill('SIGKILL')
    await exited
    rmSync(data, { recursive: true, force: true })
  }
}

/** What the load tool of this folder found; where it found fault, the figures say so. */
function bench(url, ...how) {
  const { stdout } = spawnSync('taskset', ['-c', '1', tool, 'bench', ...how, '--server', url, '--json', '--quiet'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (stdout === '') throw new Error(`the load tool measured nothing: ${how.join(' ')}`)
  return JSON.parse(stdout)
}

/** Runs it against a server of `folder` that is there for it alone. */
const run = (folder, ...how) => withServer(folder, [], ({ url }) => bench(url, ...how))

const secured = (...how) =>
  withServer(home, ['--dev-tls', '--http3', 'on'], ({ url, certificate }) => bench(url, ...how, '--ca-file', certificate))

const fanout = (...more) => ['fanout', '-n', '500', '-d', asked.seconds, '--warmup', asked.warmup, ...more]
const FULL = ['--window', '32', '--publishers', '32']
const CALM = ['--rate', '50']
const count = (number) => Math.round(number).toLocaleString('en')

/** Empty if every message came once and in order, and nothing else went wrong. */
const faults = ({ good, checked, remarks }) => (good ? '' : `; WRONG ${JSON.stringify({ checked, remarks })}`)

function row(name, found) {
  const { delivered, wire, server, tool } = found
  const each = wire.bytesInPerSecond / delivered.perSecond
  console.log(
    `${name}: ${count(delivered.perSecond)} deliveries/s, ${each.toFixed(1)} bytes each, server ${server?.processors?.toFixed(2)} processors, tool ${(tool.busiestThread * 100).toFixed(0)} %${faults(found)}`,
  )
}

const TRANSPORTS = ['sse', 'websocket']
const rounds = Number(asked.rounds)

async function inTurns() {
  for (let round = 0; round < rounds; round++) {
    for (const transport of TRANSPORTS) {
      for (const http of ['1', '2']) row(`${transport} over HTTP/${http}, as fast as it goes`, await run(home, ...fanout(...FULL, '-t', transport, '--http', http)))
    }
  }
  for (const transport of TRANSPORTS) {
    for (const http of ['1', '2']) row(`${transport} over HTTP/${http}, 50 messages a second`, await run(home, ...fanout(...CALM, '-t', transport, '--http', http)))
  }
  for (const transport of TRANSPORTS) {
    for (const [name, ...how] of [['HTTP/1.1'], ['HTTP/2, 100 streams a connection', '--http', '2'], ['HTTP/2, a stream a connection', '--http', '2', '--streams', '1']]) {
      const found = await run(home, 'connections', '-n', asked.connections, '-t', transport, '-d', '1', ...how)
      const { server, held } = found
      console.log(`${held} idle readers, ${transport} over ${name}: ${count(server.heapBytesEach)} bytes of heap each, ${count(server.residentBytesEach)} resident${faults(found)}`)
    }
  }
}

// The wire of HTTP/3 is what UDP carries, as its TLS is within; of the others it is what is inside TLS.
const SECURED = [
  ['HTTP/1.1', []],
  ['HTTP/2, 100 streams a connection', ['--http', '2']],
  ['HTTP/3, 100 streams a connection', ['--http', '3']],
]
const QUIC_CONNECTIONS_MAX = 1_000 // with a stream each: a handshake takes both sides long

async function overTls() {
  for (let round = 0; round < rounds; round++) {
    for (const transport of TRANSPORTS) {
      for (const [name, how] of SECURED) row(`${transport} over ${name}`, await secured(...fanout(...CALM, '-t', transport, ...how)))
    }
  }
  const few = String(Math.min(QUIC_CONNECTIONS_MAX, Number(asked.connections)))
  for (const transport of TRANSPORTS) {
    for (const [name, how, readers = asked.connections] of [...SECURED, ['HTTP/3, a stream a connection', ['--http', '3', '--streams', '1'], few]]) {
      const found = await secured('connections', '-n', readers, '-t', transport, '-d', '1', ...how)
      console.log(`${found.held} idle readers, ${transport} over ${name}: ${count(found.server.residentBytesEach)} bytes resident each${faults(found)}`)
    }
  }
}

const jcmd = process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin', 'jcmd') : 'jcmd'
const SMALL_HEAP = { SWITCHBOARD_JAVA_OPTIONS: '-Xms8m' } // what connections take is not lost in what the heap begins with
const SETTLE_MILLIS = 1_000
const COLLECTIONS = 3
const HELD_SECONDS = 600 // longer than it takes to look; it is ended then
const FIRST = 0.1 // of the connections: those that load code and fill caches

/** Bytes of the process without garbage, and without what it has freed. */
async function residentBytes(pid) {
  for (let i = 0; i < COLLECTIONS; i++) {
    execFileSync(jcmd, [String(pid), 'GC.run'], { stdio: 'ignore' })
    await pause(SETTLE_MILLIS)
  }
  execFileSync(jcmd, [String(pid), 'System.trim_native_heap'], { stdio: 'ignore' })
  return 1024 * Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1])
}

/** Opens connections that get nothing and stay until they are let go. */
async function hold(url, transport, wanted) {
  const how = ['connections', '-n', String(wanted), '-t', transport, '-d', String(HELD_SECONDS), '--server', url]
  const holding = spawn('taskset', ['-c', '1', tool, 'bench', ...how], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(holding, 'exit')
  const letGo = async () => {
    holding.kill('SIGKILL')
    await exited
  }
  for await (const line of createInterface({ input: holding.stderr })) {
    const held = /^([\d,]+) connections? held/.exec(line)?.[1].replaceAll(',', '')
    if (held === String(wanted)) return letGo
  }
  await letGo()
  throw new Error(`${wanted} connections were not to be had`)
}

/** What a connection that gets nothing costs: what so many more take, behind the first ones. */
const idle = (folder, transport) =>
  withServer(
    folder,
    [],
    async ({ url, pid }) => {
      const wanted = Number(asked.connections)
      const few = Math.ceil(wanted * FIRST)
      await (await hold(url, transport, few))()
      const first = await hold(url, transport, few)
      try {
        const before = await residentBytes(pid)
        const more = await hold(url, transport, wanted)
        const after = await residentBytes(pid)
        await more()
        return (after - before) / wanted
      } finally {
        await first()
      }
    },
    SMALL_HEAP,
  )

const fast = (transport) => async (folder) => {
  const found = await run(folder, ...fanout(...FULL, '-t', transport))
  if (!found.good) throw new Error(faults(found))
  const { delivered, server } = found
  return { [`${transport}, deliveries/s`]: delivered.perSecond, [`${transport}, ns of the server for a delivery`]: (server.processors / delivered.perSecond) * 1e9 }
}

const appends = async (folder) => {
  const { appended, server } = await run(folder, 'append', '-n', '50', '-d', asked.seconds, '--warmup', asked.warmup)
  return { 'appends/s': appended.perSecond, 'µs of the server for an append': (server.processors / appended.perSecond) * 1e6 }
}

const held = (transport) => async (folder) => ({ [`${transport}, resident bytes of an idle connection`]: await idle(folder, transport) })

const MEASURES = [fast('sse'), fast('websocket'), appends, held('sse'), held('websocket')]

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

// Each before stands beside the after of the same minute, and who is first changes from round to round.
async function inPairs() {
  const folders = { before: path.resolve(asked.against), after: home }
  for (const folder of Object.values(folders)) execFileSync(path.join(folder, 'switchboard'), ['version'], { stdio: 'ignore' }) // which builds it
  const pairs = new Map() // figure: [{ before, after }, …]
  for (let round = 0; round < rounds; round++) {
    for (const measure of MEASURES) {
      const seen = {}
      for (const which of round % 2 ? ['after', 'before'] : ['before', 'after']) seen[which] = await measure(folders[which])
      for (const figure of Object.keys(seen.after)) {
        const pair = { before: seen.before[figure], after: seen.after[figure] }
        if (!pairs.has(figure)) pairs.set(figure, [])
        pairs.get(figure).push(pair)
        console.log(`round ${round + 1}, ${figure}: before ${count(pair.before)}, after ${count(pair.after)}`)
      }
    }
  }
  const commit = (folder) => execFileSync('git', ['describe', '--always', '--dirty'], { cwd: folder, encoding: 'utf8' }).trim()
  console.log(`\n| HTTP/1.1, medians of ${rounds} | ${commit(folders.before)} | ${commit(folders.after)} | after / before: median of pairs (lowest to highest) |\n| --- | --- | --- | --- |`)
  for (const [figure, all] of pairs) {
    const ratios = all.map(({ before, after }) => after / before)
    const [low, middle, high] = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2))
    console.log(`| ${figure} | ${count(median(all.map(({ before }) => before)))} | ${count(median(all.map(({ after }) => after)))} | ${middle} (${low} to ${high}) |`)
  }
}

await (asked.tls ? overTls() : asked.against === undefined ? inTurns() : inPairs())
