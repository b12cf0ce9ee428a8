// A real browser that agrees on HTTP/2: event streams and WebSockets share one connection, and there is no six of anything.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'
import { shareConnection, versionsIn } from './sharing.mjs'

let browser
let folder
let server

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-http2-'))
  browser = await launch()
  server = await startServer({
    data: path.join(folder, 'data'),
    flags: ['--dev-tls', '--access-log', path.join(folder, 'access.jsonl')],
    log: 'browser-http2',
  })
})

after(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a hundred event streams and two WebSockets share a connection', { timeout: 60_000 }, async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  await shareConnection(await context.newPage(), server.url, { protocol: 'h2', name: 'HTTP/2' })
  await context.close()
  await server.stop()
  server = undefined
  assert.deepEqual(versionsIn(path.join(folder, 'access.jsonl')), { sockets: ['2'], others: ['2'] })
})
