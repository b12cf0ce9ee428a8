// A server on a Redis with TLS and an access list, with the commands of the documents, word by word; and what happens with a
// wrong certificate, a wrong password, and rights that are taken away.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { home, startServer } from '../harness/server.mjs'
import { missingRedis, startRedis } from './redis.mjs'
import { append, create, follow, has, JSON_TYPE, run, until } from './support.mjs'

const PASSWORD = 'p4ss-word'
const ADMIN = 'of-the-operator'
const REFUSED_MILLIS_MAX = 30_000
const TRIES = 12 // to subscribe, where that is not allowed: for calls of channels, and for those of nodes
const TRIES_MILLIS_MIN = 700
const missing = missingRedis({ withTls: true }) ?? (has('openssl', 'version') ? undefined : 'there is no openssl')

/** The commands of a page that begin with `word`, each as one line. */
function commands(page, word) {
  const text = readFileSync(path.join(home, 'docs', page), 'utf8').replace(/\\\n\s*/g, '')
  const found = [...text.matchAll(/^```(?:sh)?\n([^]*?)^```$/gm)].flatMap(([, block]) =>
    block.replace(/\n {2,}/g, ' ').split('\n').filter((line) => line.startsWith(word)),
  )
  assert.equal(found.length, 1, `${page} has ${found.length} commands ${word}`)
  return found[0]
}

describe('Redis with TLS and an access list', { skip: missing ?? false }, () => {
  const ends = []
  const t = { after: (end) => ends.unshift(end) }
  let folder
  let redis
  let server
  let flags

  const file = (name) => path.join(folder, name)
  const grant = (...rights) => redis.ask('ACL', 'SETUSER', 'switchboard', ...rights)
  const grantAll = () => redis.ask(...commands('redis-format.md', 'ACL SETUSER').replace('>PASSWORD', `>${PASSWORD}`).trim().split(/\s+/))
  const ready = async () => (await fetch(`${server.url}/health/ready`)).status

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'switchboard-secured-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    makeCertificates()
    const [, ...documented] = commands('operations.md', 'redis-server').split(' ')
    const options = documented.map((word) => (word.endsWith('.pem') ? file(word) : word))
    const at = options.indexOf('--port')
    assert.deepEqual(options.slice(at, at + 4), ['--port', '0', '--tls-port', '6379'])
    options.splice(at, 4) // startRedis has ports of its own
    const tls = { servername: 'localhost', ca: readFileSync(file('ca.pem')) }
    redis = await startRedis(t, options, { tls })
    await grantAll()
    await redis.ask('CONFIG', 'SET', 'requirepass', ADMIN)
    tls.password = ADMIN
    writeFileSync(file('redis.password'), `${PASSWORD}\n`)
    const [, , ...serve] = commands('operations.md', './switchboard serve --store redis --redis-urls rediss').split(' ')
    flags = serve.map((word) => (/^(ca\.pem|redis\.password)$/.test(word) ? file(word) : word.replace(/^rediss:.*/, redis.url)))
    flags.push('--redis-timeout', '10s') // on a busy machine it takes its time
    server = await startServer({ data: file('data'), flags, log: 'node-secured' })
    t.after(() => server.stop())
  })

  after(async () => {
    for (const end of ends) await end()
  })

  // An authority, and what it signed for this machine; another one that signed nothing.
  function makeCertificates() {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    for (const name of ['ca', 'other']) {
      run('openssl', 'req', '-x509', ...key, '-days', '30', '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`))
    }
    run('openssl', 'req', ...key, '-subj', '/CN=redis', '-keyout', file('redis.key.pem'), '-out', file('redis.csr'))
    writeFileSync(file('names'), 'subjectAltName=DNS:localhost')
    const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', '1', '-days', '30', '-extfile', file('names')]
    run('openssl', 'x509', '-req', '-in', file('redis.csr'), ...signed, '-out', file('redis.pem'))
  }

  test('does all that one without them does', async (t) => {
    assert.equal((await create(server.url, 'safe')).status, 201)
    const reader = await follow(t, server.url, 'safe')
    assert.equal((await append(server.url, 'safe', 1)).status, 204)
    await until(() => reader.data.length === 1)
    const fork = { method: 'PUT', headers: { ...JSON_TYPE, 'Stream-Forked-From': '/v1/stream/safe' } }
    assert.equal((await fetch(`${server.url}/v1/stream/fork`, fork)).status, 201)
    const brief = { method: 'PUT', headers: { ...JSON_TYPE, 'Stream-TTL': '3600' } }
    assert.equal((await fetch(`${server.url}/v1/stream/brief`, brief)).status, 201)
    const { channels } = await (await fetch(`${server.url}/v1/streams`)).json()
    assert.deepEqual(channels.map(({ channel }) => channel), ['brief', 'fork', 'safe'])
    for (const name of ['fork', 'brief']) {
      assert.equal((await fetch(`${server.url}/v1/stream/${name}`, { method: 'DELETE' })).status, 204)
    }
    assert.equal(await ready(), 200)
  })

  const refusals = {
    'a certificate of somebody else': [{ 'ca.pem': 'other.pem' }, /has a certificate that is not trusted/],
    'a certificate for another name': [{ localhost: '127.0.0.1' }, /has a certificate that is not trusted: .*127\.0\.0\.1/],
    'a wrong password': [{ 'redis.password': 'wrong.password' }, /refuses this user or password: WRONGPASS/],
  }
  for (const [what, [changes, sentence]] of Object.entries(refusals)) {
    test(`${what} is told in a sentence at the start`, async () => {
      writeFileSync(file('wrong.password'), 'something-else\n')
      const changed = flags.map((word) => Object.entries(changes).reduce((word, [from, to]) => word.replace(from, to), word))
      const child = spawn(path.join(home, 'switchboard'), ['serve', '--port', '0', '--data', file('refused'), ...changed])
      const timer = setTimeout(() => child.kill('SIGKILL'), REFUSED_MILLIS_MAX)
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece))
      const [code] = await once(child, 'close')
      clearTimeout(timer)
      assert.ok(code > 0, `ended with ${code}: ${said}`)
      assert.match(said, sentence)
      assert.doesNotMatch(said, /\tat |something-else/)
    })
  }

  test('rights that are taken away are missed at once, and found again', async (t) => {
    await create(server.url, 'rights')
    const reader = await follow(t, server.url, 'rights')
    let sent = 0
    const goesOn = async () => {
      await until(async () => (await append(server.url, 'rights', sent)).status === 204)
      sent++
      await until(() => reader.data.length >= sent)
      assert.equal(reader.data.at(-1), sent - 1)
      await until(async () => (await ready()) === 200)
    }
    await goesOn()
    const refused = async () => {
      const { status, retryAfter, millis } = await append(server.url, 'rights', 'refused')
      assert.equal(status, 503)
      assert.ok(Number(retryAfter) > 0)
      assert.ok(millis < 2_000, `refused after ${millis} ms`)
    }

    await grant('-evalsha')
    await refused()
    await grant('+evalsha')
    await goesOn()

    await redis.ask('ACL', 'DELUSER', 'switchboard') // which ends its connections
    await until(async () => (await ready()) === 503)
    await refused()
    await grantAll()
    await goesOn()

    // Calls cannot be heard: Redis ends the connection, and refuses the subscription on each new one.
    const before = await redis.connections()
    const begun = Date.now()
    await grant('resetchannels')
    await until(async () => (await redis.connections()) >= before + TRIES)
    const took = Date.now() - begun
    assert.ok(took > TRIES_MILLIS_MIN, `${TRIES} connections within ${took} ms`)
    await grantAll()
    await goesOn()
    assert.equal(reader.ended, false)
  })
})
