// What ./switchboard doctor finds in each of the fixtures, run as a person would.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { home, startServer } from '../harness/server.mjs'
import { fixture, fixtures, makeCertificate, missing } from './fixtures.mjs'

const AT_ONCE = 3
const QUICK = ['--timeout', '1.5'] // where an answer is waited for in vain
const SMALL = ['--largest', '256KB']

// The troubles of each fixture, and what else is asked for; none is none.
const EXPECTED = {
  nginx: { more: ['--origin', 'https://app.example', '--idle', '3'] },
  'nginx-tls': {},
  'nginx-cache': {},
  haproxy: { more: ['--idle', '3'] },
  'haproxy-tls': {},
  'haproxy-h2': {},
  'nginx-no-upgrade': { troubles: ['websocket-upgrade-lost'], proxy: 'nginx' },
  'haproxy-no-websocket': { troubles: ['websocket-refused-in-front'] },
  'haproxy-no-upgrade': { troubles: ['websocket-upgrade-lost'] },
  'nginx-idle': { troubles: ['idle-websocket-cut', 'idle-events-cut'], more: ['--idle', '4'], proxy: 'nginx' },
  'haproxy-idle': { troubles: ['idle-websocket-cut', 'idle-events-cut'], more: ['--idle', '4'] },
  'nginx-buffering': { troubles: ['events-held-back'], more: QUICK, proxy: 'nginx' },
  'haproxy-buffering': { troubles: ['events-held-back'], more: QUICK },
  'haproxy-delay': { warnings: ['events-delayed'] },
  'nginx-http-1.0': { troubles: ['websocket-upgrade-lost', 'body-limit-in-front'], more: ['--largest', '2MB'], proxy: 'nginx' },
  dropping: { troubles: ['connection-dies'] },
  'half-dead': { troubles: ['connection-dies'], more: QUICK },
}

// What browsers get; HTTP/1.1 where nothing is said here.
const VERSION = {
  'nginx-tls': /^HTTP\/2 .*; WebSockets open their own\.$/,
  'haproxy-tls': /^HTTP\/2 .*, and so do WebSockets\.$/,
  'haproxy-h2': /^HTTP\/2 .*, and so do WebSockets\.$/,
}

let data, server

before(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'switchboard-doctor-'))
  server = await startServer({ data, log: 'doctor-server' })
})

after(async () => {
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Runs the doctor; resolves with its exit code and what it printed. */
async function doctor(args, environment = {}) {
  const env = { ...process.env, SWITCHBOARD_TOKEN: '', ...environment }
  const child = spawn(path.join(home, 'switchboard'), ['doctor', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes) => (out += bytes))
  child.stderr.on('data', (bytes) => (err += bytes))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

/** The same for machines. */
async function examine(args, environment) {
  const { code, out, err } = await doctor([...args, '--json'], environment)
  const report = JSON.parse(out)
  assert.equal(report.exit, code, err)
  const codes = (level) => report.findings.filter((each) => each.level === level).map((each) => each.code)
  return { code, report, troubles: codes('trouble'), warnings: codes('warning'), good: codes('ok') }
}

test('every fixture has its findings written down', () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), fixtures.map(({ name }) => name).sort())
})

describe('the doctor', { concurrency: AT_ONCE }, () => {
  for (const [name, { troubles = [], warnings = [], more = [], proxy: kind }] of Object.entries(EXPECTED)) {
    test(`${name}: ${[...troubles, ...warnings].join(', ') || 'no trouble'}`, { skip: missing(fixture(name)) }, async () => {
      const proxy = await fixture(name).start(server.port)
      try {
        const ca = proxy.ca === undefined ? [] : ['--ca-file', proxy.ca]
        const found = await examine([proxy.url, '--channel', `doctor/${name}`, ...ca, ...(more.includes('--largest') ? [] : SMALL), ...more])
        assert.deepEqual(found.troubles, troubles, JSON.stringify(found.report, null, 1))
        assert.equal(found.code, troubles.length === 0 ? 0 : 1)
        for (const code of [...warnings, 'events-delayed']) assert.equal(found.warnings.includes(code), warnings.includes(code), code)
        assert.equal((await fetch(`${server.url}/v1/stream/doctor/${name}`)).status, 404, 'the test channel is still there')
        for (const { level, change, sentence } of found.report.findings) {
          assert.match(sentence, /^[ -~]+[.]$/)
          if (change !== undefined) assert.deepEqual(Object.keys(change), ['nginx', 'haproxy', 'caddy', 'cloud'])
          if (level === 'trouble' && kind !== undefined) assert.match(sentence, new RegExp(kind))
        }
        if (troubles.length > 0) return
        const version = found.report.findings.find(({ code }) => code === 'http-version')
        assert.match(version.sentence, VERSION[name] ?? /^HTTP\/1\.1: /)
        for (const code of ['events-first', 'events-second', 'long-poll', 'websocket-works', 'echo', 'body', 'clock']) {
          assert.ok(found.good.includes(code), `${code} is not among ${found.good}`)
        }
        if (more.includes('--idle')) assert.ok(found.good.includes('idle-websocket') && found.good.includes('idle-events'))
        if (more.includes('--origin')) assert.ok(found.good.includes('cors'))
        if (ca.length > 0) assert.ok(found.good.includes('certificate'))
      } finally {
        await proxy.stop()
      }
    })
  }

  test('a proxy without a server behind it', { skip: missing(fixture('nginx')) }, async () => {
    const proxy = await fixture('nginx').start(1)
    try {
      const { code, out } = await doctor([proxy.url])
      assert.equal(code, 1)
      assert.match(out, /^TROUBLE +http +nginx\/[0-9.]+ answers 502: it does not reach the server behind it\.$/m)
      assert.match(out, /^ +nginx: +proxy_pass http:/m)
      assert.doesNotMatch(out, /\u001b|HAProxy:/)
    } finally {
      await proxy.stop()
    }
  })

  test('a certificate that nobody has signed is not shown the token', { skip: missing({ tls: true }) }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'switchboard-doctor-'))
    const { key, certificate } = makeCertificate(folder)
    const seen = []
    const stranger = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(406, { 'Content-Type': 'application/problem+json' }).end('{"code":"not_acceptable"}')
    })
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const url = `https://127.0.0.1:${stranger.address().port}`
    try {
      const token = { SWITCHBOARD_TOKEN: 'a.secret.token' }
      assert.ok((await examine([url], token)).troubles.includes('certificate-untrusted'))
      assert.ok(seen.length > 0 && seen.every((each) => each === undefined))
      seen.length = 0
      const trusting = await examine([url, '--ca-file', certificate], token)
      assert.ok(trusting.good.includes('certificate'))
      assert.ok(seen.includes('Bearer a.secret.token'))
      assert.doesNotMatch(JSON.stringify(trusting.report), /secret/)
    } finally {
      stranger.closeAllConnections()
      stranger.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a token that is over, and nothing published without a channel to', async () => {
    const claims = Buffer.from(JSON.stringify({ iat: 1, exp: 2 })).toString('base64url')
    const found = await examine([server.url], { SWITCHBOARD_TOKEN: `h.${claims}.secret` })
    assert.deepEqual(found.troubles, ['token-expired'])
    const list = await (await fetch(`${server.url}/v1/streams?prefix=switchboard-doctor`)).json()
    assert.deepEqual(list.channels, [])
  })
})
