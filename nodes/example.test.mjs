// examples/cluster as a stranger tries it: the commands that it prints, a server and Redis killed in between, and Ctrl-C.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { freePort, home } from '../harness/server.mjs'
import { missingRedis } from './redis.mjs'
import { appendForCertain, has, until } from './support.mjs'

const START_MILLIS_MAX = 60_000
const STOP_MILLIS_MAX = 30_000
const PORTS = 5

const missing = missingRedis() ?? (has('nginx', '-v') ? undefined : 'there is no nginx; install your system’s package (nginx)')

test('the example loses nothing, whoever is killed, and leaves nothing running', { skip: missing ?? false, timeout: 180_000 }, async (t) => {
  const example = await startExample(t)
  const [put, tail, posts] = example.commands
  await shell(put)
  const reader = spawn('bash', ['-c', `exec ${tail.replace(/ &$/, ' --from -1')}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => reader.kill('SIGKILL'))
  const got = []
  createInterface({ input: reader.stdout }).on('line', (line) => got.push(JSON.parse(line).n))
  await shell(posts)
  await until(() => got.length === 6)

  const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)
  const publish = async (from, to) => {
    for (const n of numbers(from, to)) await appendForCertain(example.url, 'demo', { n }, 'stranger', n - 7)
  }
  await publish(7, 27)
  process.kill(example.servers[0], 'SIGKILL')
  await publish(27, 47)
  process.kill(example.redis, 'SIGKILL')
  await publish(47, 67)
  await until(() => got.length >= 66)
  assert.deepEqual(got, numbers(1, 67))

  reader.kill('SIGINT')
  await once(reader, 'exit')
  const all = family(example.process.pid)
  assert.ok(all.length >= 5, `${all.length} processes: ${all}`) // itself, Redis, two servers, nginx and its worker
  const exited = once(example.process, 'exit')
  process.kill(example.process.pid, 'SIGINT')
  const [code] = await exited
  assert.equal(code, 130)
  await until(() => all.every((pid) => !existsSync(`/proc/${pid}`)), STOP_MILLIS_MAX)
})

async function startExample(t) {
  const port = await freePorts()
  const started = spawn(path.join(home, 'examples', 'cluster', 'run'), [], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => {
    if (started.exitCode === null) started.kill('SIGTERM') // which ends all that it started
  })
  const lines = []
  createInterface({ input: started.stdout }).on('line', (line) => lines.push(line))
  let errors = ''
  started.stderr.on('data', (piece) => (errors += piece))
  await until(() => {
    assert.equal(started.exitCode, null, errors)
    return lines.some((line) => line.startsWith('Ctrl-C'))
  }, START_MILLIS_MAX)
  const said = lines.join('\n')
  return {
    process: started,
    url: `http://127.0.0.1:${port}`,
    servers: [...said.matchAll(/^ {2}server \d .* process (\d+)$/gm)].map(([, pid]) => Number(pid)),
    redis: Number(/through redis:.* process (\d+)\./.exec(said)[1]),
    commands: lines.filter((line) => line.startsWith('  ') && !line.startsWith('  server')).map((line) => line.trim()),
  }
}

/** The first of so many ports in a row that nobody has. */
async function freePorts() {
  for (;;) {
    const first = await freePort()
    const all = await Promise.all(Array.from({ length: PORTS }, (_, i) => isFree(first + i)))
    if (first + PORTS < 65_536 && all.every(Boolean)) return first
  }
}

const isFree = (port) =>
  new Promise((resolve) => {
    const server = net.createServer().on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

async function shell(command) {
  const child = spawn('bash', ['-c', `set -e; ${command.replaceAll('curl ', 'curl -sSf ')}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (piece) => (errors += piece))
  const [code] = await once(child, 'exit')
  assert.equal(code, 0, `${command}: ${errors}`)
}

// A process and all that it started.
function family(pid) {
  const parents = new Map()
  for (const each of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(each), Number(readFileSync(`/proc/${each}/stat`, 'utf8').replace(/.*\) \S /s, '').split(' ')[0]))
    } catch {
      // it has ended meanwhile
    }
  }
  const found = [pid]
  for (const parent of found) for (const [child, its] of parents) if (its === parent) found.push(child)
  return found
}
