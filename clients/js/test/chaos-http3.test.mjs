// The same weather over HTTP/3, where packets get lost: Chromium comes back over it, on the ways that the client takes.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { launchWithQuic, missingBrowser } from './browser.mjs'
import { testWeather } from './scenario.mjs'
import { serveTls } from './support.mjs'

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // of the requests that make channels here
const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-client-log-'))
const accessLog = path.join(folder, 'access.jsonl')

testWeather('HTTP/3 in bad weather, with kill -9', {
  // Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos-http3.test.mjs
  seed: Number(process.env.CHAOS_SEED ?? 7),
  seconds: 6,
  events: ['kill', 'kill'],
  kinds: ['chromium'], // nothing else of ours speaks it
  ways: ['websocket', 'sse'],
  flags: ['--http3', 'on', '--access-log', accessLog],
  http3: true,
  start: serveTls,
})

// A WebSocket opens on HTTP/3 only where the page has a connection of it at that moment, else on TCP. Its path is that of event streams too.
test('all but WebSockets was HTTP/3', { skip: missingBrowser() ?? false }, () => {
  const lines = readFileSync(accessLog, 'utf8').split('\n')
  const whole = lines.flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []))
  const others = whole.filter(({ method, status }) => method !== 'PUT' && status !== 101)
  assert.deepEqual([...new Set(others.map(({ http }) => http))], ['3'])
})

// Chromium 156 opens no connection of HTTP/3 for a WebSocket: it takes the one that is there, which a restart ends.
test('a WebSocket comes back over HTTP/3 once its page has asked for something', { skip: missingBrowser() ?? false }, async (t) => {
  const log = path.join(folder, 'sockets.jsonl')
  const running = await serveTls(t, ['--http3', 'on', '--access-log', log])
  const url = running.url.replace('localhost', '127.0.0.1')
  const browser = await launchWithQuic(new URL(url).host, running.ca)
  t.after(() => browser.close())
  const page = await browser.newPage({ ignoreHTTPSErrors: true })
  const ask = () => page.evaluate(async () => (await fetch('/health/ready')).ok)
  const talk = () =>
    page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`wss://${location.host}/live`, 'switchboard.v1')
          socket.onopen = () => socket.close(1000)
          socket.onerror = () => reject(new Error('it was not opened'))
          socket.onclose = resolve
        }),
    )
  await page.goto(`${url}/health/live`)
  await talk()
  await running.befall('restart')
  await talk()
  assert.ok(await ask())
  await talk()
  await running.server.stop()
  const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  assert.deepEqual(lines.filter((line) => line.path === '/live').map(({ http }) => http), ['3', '1.1', '3'])
})

after(() => rmSync(folder, { recursive: true, force: true }))
