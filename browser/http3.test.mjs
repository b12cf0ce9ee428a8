// The same over HTTP/3. A browser goes there by Alt-Svc only where the certificate is of an authority that all browsers know,
// which a test has none of; so Chromium is told to speak QUIC with the server at once, and to take its certificate.
import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { startServer } from '../harness/server.mjs'
import { launchWithQuic } from './chromium.mjs'
import { shareConnection, versionsIn } from './sharing.mjs'

// One that has WebSockets over HTTP/3, which have to be switched on. Whether older ones do was not tried.
const SOCKETS_FROM = 156

let browser
let folder
let server

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-http3-'))
  server = await startServer({
    data: path.join(folder, 'data'),
    flags: ['--dev-tls', '--http3', 'on', '--access-log', path.join(folder, 'access.jsonl')],
    log: 'browser-http3',
  })
  const { publicKey } = new X509Certificate(readFileSync(path.join(folder, 'dev-tls', 'certificate.pem')))
  const key = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64')
  browser = await launchWithQuic(new URL(server.url).host, key)
})

after(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a page, requests and a hundred event streams come over HTTP/3', { timeout: 60_000 }, async () => {
  const context = await browser.newContext()
  await shareConnection(await context.newPage(), server.url, { protocol: 'h3', name: 'HTTP/3' })
  await context.close()
  await server.stop()
  server = undefined
  assert.deepEqual(versionsIn(path.join(folder, 'access.jsonl')).others, ['3'])
})

test('and so do WebSockets, on streams of it (RFC 9220)', (t) => {
  if (Number.parseInt(browser.version(), 10) < SOCKETS_FROM) {
    t.skip(`Chromium ${browser.version()} was not tried with WebSockets over HTTP/3; ${SOCKETS_FROM} was`)
    return
  }
  assert.deepEqual(versionsIn(path.join(folder, 'access.jsonl')).sockets, ['3'])
})
