// A server that asks for tokens, as browsers meet it: its first page, an EventSource that is left to itself, and pages of
// other origins.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { home, startServer } from '../harness/server.mjs'
import { launch } from './chromium.mjs'

const SEEN_MILLIS_MAX = 60_000
const PANELS = ['polling', 'long-poll', 'sse', 'websocket']
const EVERYTHING = ['--read', '**', '--write', '**', '--manage', '**']

let browser
let keys
let pages // a server of pages that knows nothing of ours

before(async () => {
  browser = await launch()
  keys = mkdtempSync(path.join(tmpdir(), 'switchboard-keys-'))
  switchboard('keys', path.join(keys, 'board.jwks'))
  pages = createServer((_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>elsewhere</title>'),
  ).listen(0, '127.0.0.1')
  await once(pages, 'listening')
})

after(async () => {
  await browser?.close()
  pages?.close()
  pages?.closeAllConnections()
  rmSync(keys, { recursive: true, force: true })
})

const switchboard = (...options) => execFileSync(path.join(home, 'switchboard'), options, { cwd: home, encoding: 'utf8' })

const token = (...options) =>
  switchboard('token', '--key', path.join(keys, 'board.jwks'), '--sub', 'ann', ...options).trim()

test('the first page asks for a token, uses it in headers and tickets only, and keeps it for its tab', async () => {
  await withServer([], async ({ server }) => {
    const page = await browser.newPage()
    const urls = []
    page.on('request', (request) => urls.push(request.url()))
    page.on('websocket', (socket) => urls.push(socket.url()))
    await page.goto(`${server.url}/`)
    await page.waitForSelector('#gate:not([hidden])')
    assert.equal(await page.isVisible('.panels'), false)

    await give(page, 'no token')
    assert.match(await page.textContent('#gate-problem'), /This is no token/)
    await give(page, 'a.b.c')
    await page.waitForFunction(() => /does not accept/.test(document.querySelector('#gate-problem').textContent))

    const good = token(...EVERYTHING)
    await give(page, good)
    await sees(page, 3)
    assert.equal(await page.isVisible('#gate'), false)
    assert.equal(await page.inputValue('#token'), '')
    assert.ok(urls.some((url) => /^ws:.*[?&]ticket=/.test(url)), 'the WebSocket has a ticket')
    assert.ok(urls.some((url) => /^http:.*[?&]ticket=/.test(url)), 'the EventSource has a ticket')
    const secret = good.split('.')[2]
    assert.deepEqual(urls.filter((url) => url.includes(secret)), [])
    assert.equal((await page.content()).includes(secret), false)
    assert.match(await page.textContent('[data-command="listen"] code'), /\$SWITCHBOARD_TOKEN/)

    await page.reload()
    await sees(page, 3)
    await checked(page)
    await page.click('#forget')
    await page.waitForSelector('#gate:not([hidden])')
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), [])
  })
})

test('when its token ends the first page asks for another, and goes on without a message missed', async () => {
  await withServer([], async ({ server }) => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/`)
    await page.waitForSelector('#gate:not([hidden])')
    const later = token(...EVERYTHING)
    await give(page, token(...EVERYTHING, '--expires', '6s'))
    await sees(page, 1)
    await page.waitForSelector('#gate:not([hidden])', { timeout: SEEN_MILLIS_MAX })
    assert.match(await page.textContent('#gate-problem'), /not any more/)
    assert.equal(await page.isVisible('.panels'), true)
    const seen = Number(await field(page, 'sse', 'messages'))
    await give(page, later)
    await sees(page, seen + 4)
    await checked(page)
  })
})

test('whoever may read and not write sees the channel, and is told why nothing is published', async () => {
  await withServer([], async ({ server }) => {
    await create(server.url, 'lab/ticks', token(...EVERYTHING))
    const page = await browser.newPage()
    await page.goto(`${server.url}/`)
    await page.waitForSelector('#gate:not([hidden])')
    await give(page, token('--read', 'lab/*'))
    await page.waitForFunction(() => /may|allow/.test(document.querySelector('#problem').textContent))
    assert.match(await page.textContent('#problem'), /The token does not allow to write this channel/)
    await publish(server.url, 'lab/ticks', token(...EVERYTHING), { n: 1 })
    await sees(page, 1)
  })
})

test('a bare EventSource with a ticket comes back by its cookie after the server was killed, and loses nothing', async () => {
  await withServer([], async (running) => {
    const all = token(...EVERYTHING)
    await create(running.server.url, 'c', all)
    const page = await browser.newPage()
    await page.goto(`${running.server.url}/assets/icon.svg`) // of the same origin, and without code of its own
    await page.evaluate(async (bearer) => {
      const answer = await fetch('/v1/tickets', { method: 'POST', headers: { Authorization: `Bearer ${bearer}` } })
      const { ticket } = await answer.json()
      window.seen = []
      window.opened = 0
      window.source = new EventSource(`/v1/stream/c?offset=-1&ticket=${ticket}`)
      window.source.onopen = () => window.opened++
      window.source.onmessage = ({ data }) => window.seen.push(Number(data))
    }, all)
    const wanted = []
    const next = async () => {
      wanted.push(wanted.length)
      await publish(running.server.url, 'c', all, wanted.length - 1)
    }
    for (let i = 0; i < 5; i++) await next()
    await page.waitForFunction(() => window.seen.length === 5)
    for (let round = 1; round <= 2; round++) {
      await running.server.kill()
      running.server = await startServer({ ...running.options, port: running.server.port })
      for (let i = 0; i < 5; i++) await next()
      await page.waitForFunction((count) => window.seen.length >= count, wanted.length, { timeout: SEEN_MILLIS_MAX })
      assert.equal(await page.evaluate(() => window.opened), round + 1)
    }
    assert.deepEqual(await page.evaluate(() => window.seen), wanted)
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read it')
  })
})

test('pages of an origin that is not listed are refused, whatever they know', async () => {
  await withServer(['--cors-origins', 'https://listed.example'], async ({ server }) => {
    const all = token(...EVERYTHING)
    await create(server.url, 'c', all)
    for (const host of ['127.0.0.1', 'localhost']) {
      const { page, said } = await foreignPage(host)
      assert.deepEqual(await page.evaluate(tryAll, await known(server.url, all)), {
        read: 'TypeError',
        write: 'TypeError',
        stream: 'error',
        socket: 1006,
        line: 1006,
      })
      const handshakes = said.filter((line) => /WebSocket connection .*response code: 403/.test(line))
      assert.equal(handshakes.length, 2, said.join('\n'))
    }
    const preflight = await fetch(`${server.url}/v1/stream/c`, {
      method: 'OPTIONS',
      headers: { Origin: origin('localhost'), 'Access-Control-Request-Method': 'POST' },
    })
    assert.equal(preflight.status, 204)
    assert.deepEqual([...preflight.headers.keys()].filter((name) => name.startsWith('access-control-')), [])
    assert.deepEqual(await read(server.url, 'c', all), [], 'nothing was written')
  })
})

test('a page of another origin cannot use the cookie of a visitor, not even where all origins may read', async () => {
  await withServer([], async ({ server }) => {
    const all = token(...EVERYTHING)
    await create(server.url, 'c', all)
    const context = await browser.newContext()
    const own = await context.newPage()
    await own.goto(`${server.url}/assets/icon.svg`)
    await own.evaluate(
      (url) => new Promise((resolve) => (new EventSource(url).onopen = resolve)),
      `/v1/stream/c?ticket=${await ticket(server.url, all)}`,
    )
    assert.deepEqual((await context.cookies()).map(({ httpOnly, secure, sameSite }) => ({ httpOnly, secure, sameSite })), [
      { httpOnly: true, secure: true, sameSite: 'Strict' },
    ])
    for (const host of ['127.0.0.1', 'localhost']) {
      const { page } = await foreignPage(host, context)
      const outcome = await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const source = new EventSource(url, { withCredentials: true })
            source.onopen = () => resolve('open')
            source.onerror = () => resolve('error')
          }),
        `${server.url}/v1/stream/c`,
      )
      assert.equal(outcome, 'error')
    }
  })
})

test('a page of a listed origin works', async () => {
  await withServer(['--cors-origins', origin('localhost')], async ({ server }) => {
    const all = token(...EVERYTHING)
    await create(server.url, 'c', all)
    const { page } = await foreignPage('localhost')
    assert.deepEqual(await page.evaluate(tryAll, { server: server.url, bearer: all, tickets: [] }), {
      read: 200,
      write: 204,
      stream: 'open',
      socket: 'open',
      line: 'open',
    })
    assert.deepEqual(await read(server.url, 'c', all), ['elsewhere'])
    const { page: unlisted } = await foreignPage('127.0.0.1')
    const outcome = await unlisted.evaluate(tryAll, await known(server.url, all))
    assert.deepEqual([outcome.read, outcome.socket], ['TypeError', 1006])
  })
})

/** Runs in a page: what comes of every way to use the server. */
async function tryAll({ server, bearer, tickets }) {
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }
  const ask = (url, options) => fetch(server + url, { ...options, headers })
  const status = (url, options) => ask(url, options).then(
    (answer) => answer.status,
    (refused) => refused.name,
  )
  // A page that may not ask for a ticket may have stolen one.
  const take = async () => tickets.pop() ?? (await (await ask('/v1/tickets', { method: 'POST' })).json()).ticket
  const socket = (url, protocol) =>
    new Promise((resolve) => {
      const opening = new WebSocket(server.replace('http', 'ws') + url, protocol)
      opening.onopen = () => resolve('open')
      opening.onclose = ({ code }) => resolve(code)
    })
  return {
    read: await status('/v1/stream/c?offset=-1'),
    write: await status('/v1/stream/c', { method: 'POST', body: '"elsewhere"' }),
    stream: await new Promise((resolve, reject) =>
      take().then((good) => {
        const source = new EventSource(`${server}/v1/stream/c?ticket=${good}`, { withCredentials: true })
        source.onopen = () => resolve('open')
        source.onerror = () => resolve('error')
      }, reject),
    ),
    socket: await socket(`/v1/stream/c?ticket=${await take()}`, []),
    line: await socket('/live', 'switchboard.v1'),
  }
}

/** What such a page might have got hold of. */
const known = async (server, bearer) => ({ server, bearer, tickets: [await ticket(server, bearer), await ticket(server, bearer)] })

const origin = (host) => `http://${host}:${pages.address().port}`

/** `localhost` is another site than `127.0.0.1`, and not only another origin. */
async function foreignPage(host, context = browser) {
  const page = await context.newPage()
  const said = []
  page.on('console', (message) => said.push(message.text()))
  await page.goto(origin(host))
  return { page, said }
}

async function withServer(flags, use) {
  const data = mkdtempSync(path.join(tmpdir(), 'switchboard-auth-'))
  const options = { data, flags: ['--auth-keys', path.join(keys, 'board.public.jwks'), ...flags], log: 'browser-auth' }
  const running = { options, server: await startServer(options) }
  try {
    await use(running)
  } finally {
    for (const context of browser.contexts()) await context.close()
    await running.server.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

async function give(page, value) {
  await page.fill('#token', value)
  await page.click('#gate button')
}

const field = (page, panel, name) => page.textContent(`#${panel} [data-field="${name}"]`)

/** Waits until every panel has shown so many messages. */
const sees = (page, messages) =>
  page.waitForFunction(
    ([panels, least]) =>
      panels.every((panel) => {
        const shown = document.querySelector(`#${panel} [data-field="messages"]`).textContent
        return Number(shown.replaceAll(',', '')) >= least && document.getElementById(panel).dataset.state === 'live'
      }),
    [PANELS, messages],
    { timeout: SEEN_MILLIS_MAX },
  )

async function checked(page) {
  for (const panel of PANELS) {
    assert.equal(await field(page, panel, 'missed'), '0', `${panel} missed`)
    assert.equal(await field(page, panel, 'duplicates'), '0', `${panel} duplicates`)
  }
}

async function ask(url, bearer, options = {}) {
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }
  const response = await fetch(url, { ...options, headers })
  assert.ok(response.ok, `${url} was answered ${response.status}`)
  return response
}

const create = (url, channel, bearer) => ask(`${url}/v1/stream/${channel}`, bearer, { method: 'PUT' })

const publish = (url, channel, bearer, message) =>
  ask(`${url}/v1/stream/${channel}`, bearer, { method: 'POST', body: JSON.stringify(message) })

const read = async (url, channel, bearer) => (await ask(`${url}/v1/stream/${channel}?offset=-1`, bearer)).json()

const ticket = async (url, bearer) => (await (await ask(`${url}/v1/tickets`, bearer, { method: 'POST' })).json()).ticket
