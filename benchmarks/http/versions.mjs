// The same over HTTP/1.1 and HTTP/2, in turns, each run with a server of its own: fan-out, bytes a message, and memory. With
// --tls, over TLS, where HTTP/3 is there too: 50 messages a second to 500 readers, and memory. With --against FOLDER, HTTP/1.1 of
// the program in another folder beside that of this one. Server on one core, load on the other.
//
//   node benchmarks/http/versions.mjs [--rounds 2] [--seconds 4] [--connections 8000] [--tls | --against FOLDER]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const home = path.resolve(import.meta.dirname, '..', '..')
const { values: asked } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '8000' },
    tls: { type: 'boolean', default: false },
    against: { type: 'string' },
  },
})

/** Starts a server of `folder` for one measurement, which is given its URL, its process and its certificate. */
async function withServer(folder, flags, measure) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-versions-'))
  const server = spawn(
    'taskset',
    ['-c', '0', path.join(folder, 'switchboard'), 'serve', '--port', '0', '--store', 'memory', '--data', path.join(data, 'data'), ...flags],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = once(server, 'exit')
  try {
    let url
    for await (const line of createInterface({ input: server.stdout })) {
      url ??= /^Switchboard listens on (https?:\/\/[^ ;]+)/.exec(line)?.[1]
      if (line.startsWith('Ctrl-C')) break
    }
    return measure({ url, process: server.pid, certificate: path.join(data, 'dev-tls', 'certificate.pem') })
  } finally {
    server.kill('SIGKILL')
    await exited
    rmSync(data, { recursive: true, force: true })
  }
}

const onTheOther = (...command) => JSON.parse(execFileSync('taskset', ['-c', '1', ...command]))

/** Runs the load tool of this folder against a server of `folder` that is there for it alone. */
const run = (folder, ...bench) =>
  withServer(folder, [], ({ url }) => onTheOther(path.join(home, 'switchboard'), 'bench', ...bench, '--server', url, '--json', '--quiet'))

const secured = (...bench) =>
  withServer(home, ['--dev-tls'], ({ url, certificate }) =>
    onTheOther(path.join(home, 'switchboard'), 'bench', ...bench, '--server', url, '--ca-file', certificate, '--json', '--quiet'),
  )

/** The same by readers over HTTP/3, which the load tool has none of. */
const overHttp3 = (...numbers) =>
  withServer(home, ['--dev-tls', '--http3', 'on'], ({ url, process }) =>
    onTheOther(java('java'), '--enable-native-access=ALL-UNNAMED', '-cp', `${compiled}:${libraries()}`, READERS, new URL(url).port, String(process), ...numbers.map(String)),
  )

const READERS = 'io.switchboard.benchmarks.Http3Readers'
const jars = path.join(home, 'cli', 'target', 'lib')
const libraries = () =>
  readdirSync(jars)
    .filter((name) => name.startsWith('netty-'))
    .map((name) => path.join(jars, name))
    .join(':')
const compiled = path.join(home, 'target', 'versions')
const java = (name) => (process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin', name) : name)

function compileReaders() {
  mkdirSync(compiled, { recursive: true })
  execFileSync(java('javac'), ['-d', compiled, '-cp', libraries(), path.join(home, 'benchmarks', 'src', 'main', 'java', ...READERS.split('.')) + '.java'])
}

const fanout = (...more) => ['fanout', '-n', '500', '-d', asked.seconds, '--warmup', '4', ...more]
const FULL = ['--window', '32', '--publishers', '32']
const CALM = ['--rate', '50']
const count = (number) => Math.round(number).toLocaleString('en')

function row(name, { delivered, wire, server, tool, checked }) {
  const each = wire.bytesInPerSecond / delivered.perSecond
  const { lost, doubled, reordered } = checked
  const wrong = lost + doubled + reordered === 0 ? '' : `; WRONG ${JSON.stringify(checked)}`
  console.log(
    `${name}: ${count(delivered.perSecond)} deliveries/s, ${each.toFixed(1)} bytes each, server ${server?.processors?.toFixed(2)} processors, tool ${(tool.busiestThread * 100).toFixed(0)} %${wrong}`,
  )
}

const TRANSPORTS = ['sse', 'websocket']
const VERSIONS = [
  ['HTTP/1.1', []],
  ['HTTP/2, 100 streams a connection', ['--http', '2']],
]

async function overTls() {
  compileReaders()
  for (let round = 0; round < rounds; round++) {
    for (const transport of TRANSPORTS) {
      for (const [name, how] of VERSIONS) row(`${transport} over ${name}`, await secured(...fanout(...CALM, '-t', transport, ...how)))
      const { perSecond, bytesEach, processors, missing, wrong } = await overHttp3(transport, 5, 100, 50, asked.seconds)
      const faults = missing + wrong === 0 ? '' : `; WRONG ${missing} missing, ${wrong} out of place`
      console.log(
        `${transport} over HTTP/3, 100 streams a connection: ${count(perSecond)} deliveries/s, ${bytesEach.toFixed(1)} bytes each, QUIC included, server ${processors.toFixed(2)} processors${faults}`,
      )
    }
  }
  for (const transport of TRANSPORTS) {
    for (const [name, how] of VERSIONS) {
      const { server, held } = await secured('connections', '-n', asked.connections, '-t', transport, '-d', '1', ...how)
      console.log(`${held} idle readers, ${transport} over ${name}: ${count(server.residentBytesEach)} bytes resident each`)
    }
    for (const [connections, streams] of [[500, 1], [20, 100]]) {
      const { residentBytesEach } = await overHttp3(transport, connections, streams, 0, 2)
      console.log(`${connections * streams} idle readers, ${transport} over HTTP/3, ${streams} a connection: ${count(residentBytesEach)} bytes resident each`)
    }
  }
}

const rounds = Number(asked.rounds)
if (asked.tls) {
  await overTls()
} else if (asked.against === undefined) {
  for (let round = 0; round < rounds; round++) {
    for (const transport of ['sse', 'websocket']) {
      for (const http of ['1', '2']) row(`${transport} over HTTP/${http}, as fast as it goes`, await run(home, ...fanout(...FULL, '-t', transport, '--http', http)))
    }
  }
  for (const transport of ['sse', 'websocket']) {
    for (const http of ['1', '2']) row(`${transport} over HTTP/${http}, 50 messages a second`, await run(home, ...fanout(...CALM, '-t', transport, '--http', http)))
  }
  for (const transport of ['sse', 'websocket']) {
    for (const [name, ...how] of [['HTTP/1.1'], ['HTTP/2, 100 streams a connection', '--http', '2'], ['HTTP/2, a stream a connection', '--http', '2', '--streams', '1']]) {
      const { server, held } = await run(home, 'connections', '-n', asked.connections, '-t', transport, '-d', '1', ...how)
      console.log(`${held} idle readers, ${transport} over ${name}: ${count(server.heapBytesEach)} bytes of heap each, ${count(server.residentBytesEach)} resident`)
    }
  }
} else {
  for (let round = 0; round < rounds; round++) {
    for (const transport of ['sse', 'websocket']) {
      for (const [name, folder] of [['before', asked.against], ['after', home]]) row(`${transport}, ${name}`, await run(folder, ...fanout(...FULL, '-t', transport)))
    }
    for (const [name, folder] of [['before', asked.against], ['after', home]]) {
      const { appended, server } = await run(folder, 'append', '-n', '50', '-d', asked.seconds, '--warmup', '4')
      console.log(`appends, ${name}: ${count(appended.perSecond)} /s, server ${server?.processors?.toFixed(2)} processors`)
    }
  }
}
