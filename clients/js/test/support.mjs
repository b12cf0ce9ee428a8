// A real server for the tests of the client, clients that are closed at the end, and waiting for what has to come.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { home, startServer } from '../../../harness/server.mjs'
import { startNodes } from '../../../nodes/nodes.mjs'
import { DURABLE, startRedis } from '../../../nodes/redis.mjs'
import { connect } from '../src/index.js'

export { pause }
export const TRANSPORTS = ['websocket', 'sse', 'long-poll', 'polling']
const WAIT_MILLIS_MAX = 60_000

/** A folder that is gone when the test is over. */
export function folder(t) {
  const made = mkdtempSync(path.join(tmpdir(), 'switchboard-client-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A server that is stopped when the test is over, and can be killed and started again on the same port. */
export async function serve(t, flags = []) {
  return running(t, { data: folder(t), flags, log: 'client-server' })
}

/** The same with TLS, so that those who can speak HTTP/2; `ca` is the certificate to trust. */
export async function serveTls(t, flags = []) {
  const made = folder(t)
  const options = { data: path.join(made, 'data'), flags: ['--dev-tls', ...flags], log: 'client-server-tls' }
  return Object.assign(await running(t, options), { ca: path.join(made, 'dev-tls', 'certificate.pem') })
}

async function running(t, options) {
  const made = {
    server: await startServer(options),
    async again(port = made.server.port) {
      made.server = await startServer({ ...options, port })
    },
    get url() {
      return made.server.url
    },
    nextPort: () => made.server.port,
    /** @param {'kill' | 'restart'} event */
    async befall(event) {
      await made.server[event === 'kill' ? 'kill' : 'stop']()
      await made.again()
    },
  }
  t.after(() => made.server.stop())
  return made
}

/** Three servers on one Redis, stopped when the test is over; each connection leads to the next of them. */
export async function serveNodes(t, flags = []) {
  const redis = await startRedis(t, DURABLE)
  const nodes = await startNodes(t, { redis, flags })
  let turn = 0
  let victim = 0
  return {
    get url() {
      return nodes[0].url
    },
    nextPort: () => nodes[turn++ % nodes.length].port,
    /** @param {'kill' | 'restart' | 'redis'} event of a node, one after the other; `redis`: it is killed and started again */
    async befall(event) {
      const whom = event === 'redis' ? redis : nodes[victim++ % nodes.length]
      await whom[event === 'restart' ? 'stop' : 'kill']()
      await whom.again()
    },
  }
}

/** A client that is closed when the test is over. Node.js 20 has no WebSocket of its own. */
export function client(t, url, options) {
  const made = connect(url, { WebSocket, pollEvery: 100, ...options })
  t.after(() => made.close())
  return made
}

export async function until(what, millisMax = WAIT_MILLIS_MAX) {
  for (const end = Date.now() + millisMax; !what(); await pause(10)) assert.ok(Date.now() < end, `did not come: ${what}`)
}

export async function ask(url, options) {
  const response = await fetch(url, options)
  assert.ok(response.ok, `${url} was answered ${response.status}: ${await response.clone().text()}`)
  return response
}

export const create = (url, channel, type = 'application/json', headers = {}) =>
  ask(`${url}/v1/stream/${channel}`, { method: 'PUT', headers: { 'Content-Type': type, ...headers } })

export const post = (url, channel, body, type = 'application/json', headers = {}) =>
  ask(`${url}/v1/stream/${channel}`, { method: 'POST', body, headers: { 'Content-Type': type, ...headers } })

export const close = (url, channel) => ask(`${url}/v1/stream/${channel}`, { method: 'POST', headers: { 'Stream-Closed': 'true' } })

export const remove = (url, channel) => ask(`${url}/v1/stream/${channel}`, { method: 'DELETE' })

/** Keys for a server that asks for tokens, and what makes the tokens: of claims, for so many seconds. */
export function keys(t) {
  const file = path.join(folder(t), 'board.jwks')
  execFileSync(path.join(home, 'switchboard'), ['keys', file], { cwd: home })
  const [jwk] = JSON.parse(readFileSync(file, 'utf8')).keys
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url')
  return {
    flags: ['--auth-keys', file.replace('.jwks', '.public.jwks')],
    token(claims, seconds = 3_600) {
      const iat = Math.floor(Date.now() / 1_000)
      const signed = `${part({ alg: jwk.alg, kid: jwk.kid })}.${part({ sub: 'ann', iat, exp: iat + seconds, ...claims })}`
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
    },
  }
}

export const EVERYTHING = { channels: { read: ['**'], write: ['**'], manage: ['**'] } }
