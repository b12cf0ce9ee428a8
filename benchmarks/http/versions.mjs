// The same over HTTP/1.1 and HTTP/2, in turns, each run with a server of its own: fan-out, bytes a message, and memory. With
// --against FOLDER, HTTP/1.1 of the program in another folder beside that of this one. Server on one core, load on the other.
//
//   node benchmarks/http/versions.mjs [--rounds 2] [--seconds 4] [--connections 8000] [--against FOLDER]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
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
    against: { type: 'string' },
  },
})

/** Runs the load tool of this folder against a server of `folder` that is there for it alone. */
async function run(folder, ...bench) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-versions-'))
  const server = spawn('taskset', ['-c', '0', path.join(folder, 'switchboard'), 'serve', '--port', '0', '--store', 'memory', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(server, 'exit')
  try {
    let url
    for await (const line of createInterface({ input: server.stdout })) {
      url ??= /^Switchboard listens on (http:\/\/[^ ;]+)/.exec(line)?.[1]
      if (line.startsWith('Ctrl-C')) break
    }
    const out = execFileSync('taskset', ['-c', '1', path.join(home, 'switchboard'), 'bench', ...bench, '--server', url, '--json', '--quiet'])
    return JSON.parse(out)
  } finally {
    server.kill('SIGKILL')
    await exited
    rmSync(data, { recursive: true, force: true })
  }
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

const rounds = Number(asked.rounds)
if (asked.against === undefined) {
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
