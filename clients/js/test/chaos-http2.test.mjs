// The same weather over TLS and HTTP/2, where one cut ends all that a client has on a connection.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { missingBrowser } from './browser.mjs'
import { WILD } from './chaos.mjs'
import { testWeather } from './scenario.mjs'
import { serveTls } from './support.mjs'

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // of the requests that make channels here
const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-client-log-'))
const accessLog = path.join(folder, 'access.jsonl')

// Few connections carry all, so each of them is worse off.
const storm = { ...WILD, cut: 0.6, half: 0.2, swallow: 0.1, bytesMax: 10_000 }

testWeather('HTTP/2 in bad weather, with kill -9', {
  // Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos-http2.test.mjs
  seed: Number(process.env.CHAOS_SEED ?? 7),
  seconds: 4,
  events: ['kill'],
  kinds: ['chromium'], // fetch of Node.js speaks HTTP/1.1, and so does our client for Java
  ways: ['sse', 'ladder'],
  flags: ['--access-log', accessLog],
  storm,
  start: serveTls,
})

test('all of it was HTTP/2', { skip: missingBrowser() ?? false }, () => {
  const lines = readFileSync(accessLog, 'utf8').split('\n')
  const whole = lines.flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []))
  const reads = whole.filter(({ method, status }) => method === 'GET' && status === 200)
  assert.deepEqual([...new Set(reads.map(({ http }) => http))], ['2'])
})

after(() => rmSync(folder, { recursive: true, force: true }))
