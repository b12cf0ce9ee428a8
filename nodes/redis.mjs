// A real Redis for tests of several nodes: REDIS_SERVER is the program, else redis-server in PATH.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import { freePort, home } from '../harness/server.mjs'

const PROGRAM = process.env.REDIS_SERVER || 'redis-server'
const START_MILLIS_MAX = 20_000
const ANSWER_MILLIS_MAX = 10_000

/** Options with which an answer means that it is on disk; as in examples/cluster. */
export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']

/** Why there is no Redis here, or none with TLS if that is wanted; undefined if there is. */
export function missingRedis({ withTls = false } = {}) {
  try {
    const version = execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' })
    if (!/ v=([7-9]|\d\d)\./.test(version)) return `Redis 7 or later is needed, and ${PROGRAM} is ${version.trim()}`
  } catch {
    return `there is no ${PROGRAM}; install your system's package (redis-server), or set REDIS_SERVER to its path`
  }
  if (!withTls) return undefined
  try {
    // One that was built without TLS does not know the setting; one that has it ends as there is no certificate.
    execFileSync(PROGRAM, ['--port', '0', '--tls-port', '1', '--save', ''], { encoding: 'utf8', stdio: 'pipe', timeout: START_MILLIS_MAX })
  } catch ({ stdout, stderr }) {
    return /Bad directive|wrong number of arguments/i.test(`${stdout}${stderr}`) ? `${PROGRAM} was built without TLS` : undefined
  }
  return undefined
}

/**
 * Starts one that is gone when the test is over; it keeps nothing on disk unless options say so.
 *
 * @param {{ after: (end: () => unknown) => void }} t
 * @param {string[]} options as on its command line
 * @param {{ within?: string[], host?: string, tls?: object }} where within: a command that starts it somewhere else; host: its
 *     address for us; tls: how to connect over TLS, where it speaks nothing else
 */
export async function startRedis(t, options = [], { within = [], host = '127.0.0.1', tls: secure } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-redis-'))
  const logs = path.join(home, 'target', 'test')
  mkdirSync(logs, { recursive: true })
  const port = await freePort()
  const plain = secure ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]
  const command = [...within, PROGRAM, ...plain, '--bind', host, '--dir', folder, '--save', '', ...options]
  let child
  let exited
  let asked = 0 // connections of ours since it was started
  const redis = {
    host,
    port,
    url: `${secure ? 'rediss' : 'redis'}://${secure ? 'localhost' : host}:${port}`,
    /** What it answers to a command; of a list, its elements. */
    ask: (...words) => ask({ host, port, ...secure }, secure !== undefined, words, () => asked++),
    /** How many connections it has accepted since it was started, without those of `ask`. */
    async connections() {
      const [, received] = /^total_connections_received:(\d+)/m.exec(await redis.ask('INFO', 'stats'))
      return Number(received) - asked
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    /** With what it has kept. */
    async again() {
      const log = createWriteStream(path.join(logs, 'redis.log'), { flags: 'a' })
      child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false })
      let ended = false
      asked = 0
      exited = once(child, 'exit').then(() => (ended = true))
      child.on('close', () => log.end())
      for (const until = Date.now() + START_MILLIS_MAX; ; await pause(10)) {
        const answer = await redis.ask('PING').catch((error) => error.message)
        if (answer === 'PONG') return
        if (ended || Date.now() > until) throw new Error(`Redis did not start (${answer}); see ${log.path}`)
      }
    },
  }
  const end = async (signal) => {
    child.kill(signal)
    await exited
  }
  t.after(async () => {
    await redis.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await redis.again()
  return redis
}

// A connection for each question: they are few.
async function ask(where, isSecure, words, connected) {
  const socket = isSecure ? tls.connect(where) : net.connect(where)
  socket.setTimeout(ANSWER_MILLIS_MAX, () => socket.destroy(new Error('Redis does not answer')))
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect')
    connected()
    const { user, password } = where
    if (password) socket.write(encoded(['AUTH', user ?? 'default', password]))
    socket.write(encoded(words))
    let bytes = Buffer.alloc(0)
    const wanted = password ? 2 : 1
    for await (const piece of socket) {
      bytes = Buffer.concat([bytes, piece])
      const answers = decoded(bytes)
      if (answers.length < wanted) continue
      if (answers[wanted - 1] instanceof Error) throw answers[wanted - 1]
      return answers[wanted - 1]
    }
    throw new Error('Redis closed the connection')
  } finally {
    socket.destroy()
  }
}

const encoded = (words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

// The answers that are complete (RESP2).
function decoded(bytes) {
  const answers = []
  let at = 0
  const one = () => {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const [kind, rest] = [String.fromCharCode(bytes[at]), bytes.toString('utf8', at + 1, end)]
    at = end + 2
    if (kind === '-') return new Error(rest)
    if (kind === '+') return rest
    if (kind === ':') return Number(rest)
    const length = Number(rest)
    if (length < 0) return null
    if (kind === '$') {
      if (bytes.length < at + length + 2) return undefined
      at += length + 2
      return bytes.toString('utf8', at - length - 2, at - 2)
    }
    const all = []
    for (let i = 0; i < length; i++) {
      const element = one()
      if (element === undefined) return undefined
      all.push(element)
    }
    return all
  }
  while (at < bytes.length) {
    const answer = one()
    if (answer === undefined) break
    answers.push(answer)
  }
  return answers
}
