// The same weather over TLS and HTTP/2, where one cut ends all that a client has on a connection.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { testWeather } from './scenario.mjs'
import { serveTls } from './support.mjs'

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // of the requests that make channels here
const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-client-log-'))
const accessLog = path.join(folder, 'access.jsonl')

testWeather('HTTP/2 in bad weather, with kill -9', {
  // Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos-http2.test.mjs
  seed: Number(process.env.CHAOS_SEED ?? 7),
  seconds: 3,
  events: ['kill'],
  kinds: ['java', 'chromium'], // fetch of Node.js speaks HTTP/1.1
  ways: ['sse', 'ladder'],
  flags: ['--access-log', accessLog],
  start: serveTls,
})

test('all streams were of HTTP/2', () => {
  const lines = readFileSync(accessLog, 'utf8').split('\n')
  const whole = lines.flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []))
  const streams = whole.filter(({ method, status, path }) => method === 'GET' && status === 200 && path === '/live')
  assert.ok(streams.length > 5, `${streams.length} streams`)
  assert.deepEqual(streams.filter(({ http }) => http !== '2'), [])
})

after(() => rmSync(folder, { recursive: true, force: true }))
