// The client in Chromium: the ladder, tickets, several tabs over one connection, and the page of the examples.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { launch, missingBrowser, servePages } from './browser.mjs'
import { Proxy } from './proxy.mjs'
import { ask, client, create, EVERYTHING, keys, pause, post, serve, until } from './support.mjs'

const SEEN_MILLIS_MAX = 30_000

describe('in a browser', { skip: missingBrowser() ?? false }, () => {
  const ends = []
  const suite = { after: (end) => ends.unshift(end) }
  let browser
  let pages
  let running
  let proxy
  let names = 0

  before(async () => {
    browser = await launch()
    pages = await servePages()
    running = await serve(suite, ['--live-heartbeat', '1s'])
    proxy = await Proxy.start(() => running.server.port)
  })

  beforeEach(() => {
    Object.assign(proxy, { websocket: 'pass', sse: 'pass', breaksHeads: 0, requests: [] })
    Object.assign(pages, { refuses: undefined, requests: [] })
  })

  after(async () => {
    await browser?.close()
    pages?.stop()
    await proxy?.stop()
    for (const end of ends) await end()
  })

  async function open(context, entry = 'index') {
    const page = await context.newPage()
    await page.goto(pages.origin)
    await page.evaluate(async (module) => Object.assign(window, await import(module)), `${pages.module}/src/${entry}.js`)
    return page
  }

  /** Connects a page and subscribes; what it sees is in `window.seen`. */
  const listen = (page, url, channel, options = {}) =>
    page.evaluate(
      ([url, channel, options]) => {
        window.seen = []
        window.gaps = 0
        window.client = window.connect(url, options)
        window.subscription = window.client.channel(channel).subscribe({
          from: '-1',
          onMessage: (data) => window.seen.push(data),
          onGap: () => window.gaps++,
        })
      },
      [url, channel, options],
    )

  // Waits of the backoff, which on a busy machine would double to half a minute, end within a second.
  const soonBack = (page) => page.evaluate(() => (Math.random = () => 0.03))

  const sees = (page, count) => page.waitForFunction((count) => window.seen.length >= count, count, { timeout: SEEN_MILLIS_MAX })
  // Where a machine is busy another transport may be first, until this one has proven itself.
  const isOn = (page, transport) =>
    page.waitForFunction((transport) => window.client.state.transport === transport, transport, { timeout: SEEN_MILLIS_MAX })
  const numbers = (count) => Array.from({ length: count }, (_, i) => i)

  test('through WebSocket, and through an event stream where none speaks; it says why, and remembers', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    await post(running.url, channel, '[0]')
    for (const [fault, transport] of [['pass', 'websocket'], ['silent', 'sse']]) {
      proxy.websocket = fault
      const context = await browser.newContext()
      const page = await open(context)
      await listen(page, proxy.url, channel)
      await sees(page, 1)
      await isOn(page, transport)
      await page.evaluate((channel) => window.client.channel(channel).publish(1), channel)
      await sees(page, 2)
      const remembers = (transport) => Object.entries(localStorage).some(([key, value]) => key.startsWith('switchboard ') && JSON.parse(value).rung === transport)
      await page.waitForFunction(remembers, transport, { timeout: SEEN_MILLIS_MAX })
      if (transport === 'sse') await page.waitForFunction(() => window.client.state.why === 'websocket: no reply in time')
      await context.close()
    }
  })

  test('what is not of the core is loaded when the first attempt has begun, and not before', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    proxy.websocket = 'silent'
    const page = await open(browser)
    assert.equal(pages.requests.some((each) => each.endsWith('/parts.js')), false)
    // Time stands still, so that it is not for the next try that they come, however long they take.
    await page.clock.install()
    await page.clock.pauseAt(Date.now() + 60_000)
    const came = page.waitForResponse((response) => response.url().endsWith('/polls.js'))
    await listen(page, proxy.url, channel)
    await came
    await until(() => proxy.requests.length > 0)
    assert.deepEqual(proxy.requests, ['WebSocket /live'], 'nothing but a WebSocket was tried yet')
    await page.close()
  })

  test('parts that cannot be loaded are loaded later: the line goes on meanwhile, and nothing is lost', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    await post(running.url, channel, '[0,1]')
    pages.refuses = '/parts.js'
    const page = await open(browser)
    await soonBack(page)
    await listen(page, proxy.url, channel)
    await sees(page, 2)
    await page.waitForFunction(() => window.client.state.why === 'parts of the client are missing')
    await isOn(page, 'websocket')
    await page.evaluate((channel) => {
      const { client } = window
      window.late = []
      window.told = []
      const tell = (outcome) => () => window.told.push(outcome)
      const message = { n: 2 }
      client.channel(channel).publish(message).then(tell('stored'))
      message.n = 'not this'
      client.channel(channel).publish(3).then(tell('stored'))
      client.channel(channel).publish(undefined).catch(({ code }) => window.told.push(code))
      client.channel(channel).publishAll(Array.from({ length: 10_000 }, () => 0)).catch(({ code }) => window.told.push(code))
      client.channel(channel).subscribe({ from: '-1', onMessage: (data) => window.late.push(data) })
    }, channel)
    await post(running.url, channel, '["there"]')
    await sees(page, 3)
    assert.deepEqual(await page.evaluate(() => [window.told, window.late]), [['too_many'], []])
    pages.refuses = undefined
    await page.waitForFunction(() => window.late.length === 5, null, { timeout: SEEN_MILLIS_MAX })
    const all = [0, 1, 'there', { n: 2 }, 3]
    assert.deepEqual(await page.evaluate(() => [window.seen, window.late]), [all, all])
    assert.deepEqual(await page.evaluate(() => window.told.sort()), ['invalid', 'stored', 'stored', 'too_many'])
    await page.waitForFunction(() => window.client.state.why === '')
    await page.close()
  })

  test('without a WebSocket the parts are waited for; what is published gives up in its time', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    pages.refuses = '/parts.js'
    const page = await open(browser)
    await soonBack(page)
    await listen(page, running.url, channel, { transports: ['sse', 'long-poll'], publishTimeout: 300 })
    const outcome = await page.evaluate((channel) => window.client.channel(channel).publish(1).catch(({ code }) => code), channel)
    assert.equal(outcome, 'timeout')
    assert.match(await page.evaluate(() => window.client.state.why), /parts of the client are missing/)
    pages.refuses = undefined
    await page.waitForFunction(() => window.client.state.state === 'live', null, { timeout: SEEN_MILLIS_MAX })
    await post(running.url, channel, '[1]')
    await sees(page, 1)
    await page.close()
  })

  test('in one piece nothing is loaded later', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    const page = await open(browser, 'whole')
    pages.refuses = '.js'
    await listen(page, running.url, channel, { transports: ['sse'] })
    await page.evaluate((channel) => window.client.channel(channel).publish(1), channel)
    await sees(page, 1)
    await page.close()
  })

  for (const transport of ['long-poll', 'polling']) {
    test(`an answer that breaks off within its head loses nothing through ${transport}`, async () => {
      const channel = `b/${names++}`
      await create(running.url, channel)
      await post(running.url, channel, '[0]')
      const page = await open(browser)
      await listen(page, proxy.url, channel, { transports: [transport], pollEvery: 100 })
      await sees(page, 1)
      proxy.breaksHeads = 1
      await post(running.url, channel, '[1]')
      await until(() => proxy.breaksHeads === 0)
      await post(running.url, channel, '[2]')
      await page.waitForFunction(() => window.seen.includes(2), null, { timeout: SEEN_MILLIS_MAX })
      assert.deepEqual(await page.evaluate(() => window.seen), [0, 1, 2])
      await page.close()
    })
  }

  test('with a ticket in the handshake, and the token in no URL', async (t) => {
    const made = keys(t)
    const guarded = await serve(t, made.flags)
    const token = made.token(EVERYTHING)
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    await ask(`${guarded.url}/v1/stream/t`, { method: 'PUT', headers })
    for (const [transports, tickets] of [[['websocket'], true], [['websocket'], false], [['sse'], false], [['long-poll'], false]]) {
      const page = await open(browser)
      const urls = []
      page.on('request', (request) => urls.push(request.url()))
      page.on('websocket', (socket) => urls.push(socket.url()))
      await listen(page, guarded.url, 't', { token, tickets, transports })
      await page.evaluate(() => window.client.channel('t').publish(1))
      await sees(page, 1)
      assert.equal(urls.some((url) => /^ws:.*\?ticket=/.test(url)), tickets)
      assert.deepEqual(urls.filter((url) => url.includes(token.split('.')[2])), [])
      await page.close()
    }
  })

  test('tabs share one connection, and lose nothing when the one that reads is closed', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    let published = 0
    const publish = async (count) => {
      for (const end = published + count; published < end; published++) await post(running.url, channel, `[${published}]`)
    }
    const context = await browser.newContext()
    const tabs = []
    for (let i = 0; i < 3; i++) {
      tabs.push(await open(context, 'tabs'))
      await listen(tabs[i], proxy.url, channel)
      await publish(5)
      await sees(tabs[i], published)
    }
    await publish(5)
    for (const tab of tabs) await sees(tab, published)
    assert.equal(proxy.requests.filter((each) => each.startsWith('WebSocket')).length, 1)
    await isOn(tabs[2], 'websocket')

    const publishing = publish(200)
    for (let i = 0; i < 2; i++) {
      await pause(100)
      await tabs.shift().close()
    }
    await publishing
    for (const tab of tabs) {
      await sees(tab, published)
      assert.deepEqual(await tab.evaluate(() => window.seen), numbers(published))
      assert.equal(await tab.evaluate(() => window.gaps), 0)
    }
    await tabs[0].evaluate((channel) => window.client.channel(channel).publish('from a tab'), channel)
    await sees(tabs[0], published + 1)
    assert.ok(proxy.requests.filter((each) => each.startsWith('WebSocket')).length <= 3)
    await context.close()
  })

  test('tabs see who is there, each as a connection of its own would, and ask', async (t) => {
    const channel = `b/${names++}`
    const context = await browser.newContext()
    const tabs = []
    const told = (tab, count) => tab.waitForFunction((count) => window.rosters.at(-1)?.count === count, count, { timeout: SEEN_MILLIS_MAX })
    const watch = (tab, url, channel, options) =>
      tab.evaluate(
        ([url, channel, options]) => {
          window.rosters = []
          window.client = window.connect(url, options)
          window.client.channel(channel).subscribe({ presence: true, onPresence: (roster) => window.rosters.push(roster) })
        },
        [url, channel, options],
      )
    for (let i = 0; i < 3; i++) {
      tabs.push(await open(context, 'tabs'))
      await watch(tabs[i], proxy.url, channel)
      await told(tabs[i], 1)
    }
    const other = client(t, running.url, { transports: ['websocket'] })
    other.channel(channel).subscribe({ presence: true })
    const ask = (channel) => window.client.channel(channel).presence()
    for (const tab of tabs) {
      await told(tab, 2)
      const { known, members, count } = await tab.evaluate(ask, channel)
      assert.deepEqual([known, members.length, count], [true, 2, 2])
      assert.equal(await tab.evaluate(() => window.rosters.length), 2, 'nobody is told twice')
    }
    await tabs.shift().close() // which led
    for (const tab of tabs) {
      await tab.waitForFunction((channel) => window.client.channel(channel).presence().then(({ known }) => known), channel, { timeout: SEEN_MILLIS_MAX })
    }
    other.close()
    for (const tab of tabs) await told(tab, 1)
    await context.close()

    // Over a transport that tells nothing of it, they are told that.
    const blind = await browser.newContext()
    for (let i = 0; i < 2; i++) {
      const tab = await open(blind, 'tabs')
      await watch(tab, proxy.url, channel, { transports: ['sse'] })
      await tab.waitForFunction(() => window.rosters.length > 0, null, { timeout: SEEN_MILLIS_MAX })
      assert.equal(await tab.evaluate(() => JSON.stringify(window.rosters)), '[{"known":false}]')
      assert.deepEqual(await tab.evaluate(ask, channel), { known: false })
    }
    await blind.close()
  })

  test('tabs say what their connection says: why no better one, and the end of it', async () => {
    const context = await browser.newContext()
    proxy.websocket = 'refuse'
    const [tab, wrong] = [await open(context, 'tabs'), await open(context, 'tabs')]
    await listen(tab, proxy.url, `b/${names++}`)
    await tab.waitForFunction(() => window.client.state.why === 'websocket: not opened' && window.client.state.transport === 'sse', null, { timeout: SEEN_MILLIS_MAX })
    await listen(wrong, `${proxy.url}/wrong`, 'c')
    await wrong.waitForFunction(() => /is wrong: Nothing is here/.test(window.client.state.why), null, { timeout: SEEN_MILLIS_MAX })
    assert.equal(await wrong.evaluate(() => window.client.state.state), 'offline')
    await context.close()
  })

  test('each of several tabs is told once that its token is not accepted', async (t) => {
    const guarded = await serve(t, keys(t).flags)
    const context = await browser.newContext()
    const tabs = [await open(context, 'tabs'), await open(context, 'tabs')]
    for (const tab of tabs) {
      await tab.evaluate((url) => {
        window.told = []
        const client = window.connect(url, { token: 'nonsense', onUnauthorized: () => window.told.push('unauthorized') })
        client.channel('c').subscribe({ onError: ({ code }) => window.told.push(code), onEnd: (reason) => window.told.push(reason) })
      }, guarded.url)
    }
    for (const tab of tabs) {
      await tab.waitForFunction(() => window.told.length >= 3, null, { timeout: SEEN_MILLIS_MAX })
      assert.deepEqual(await tab.evaluate(() => window.told), ['unauthorized', 'failed', 'unauthorized'])
    }
    await context.close()
  })

  test('the page of the examples', async () => {
    const channel = `b/${names++}`
    await create(running.url, channel)
    await post(running.url, channel, '["first"]')
    const page = await browser.newPage()
    await page.goto(`${pages.origin}/examples/page.html?server=${running.url}&channel=${channel}`)
    await page.waitForFunction(() => document.querySelector('li')?.textContent === 'first')
    await post(running.url, channel, '["second"]')
    await page.waitForFunction(() => document.querySelectorAll('li')[1]?.textContent === 'second')
    await page.close()
  })
})
