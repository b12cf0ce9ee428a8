// What answers mean: pages of a channel, and the end of an event stream.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { catchUp } from '../src/catching-up.js'
import { Feed } from '../src/feed.js'
import { Pages } from '../src/pages.js'
import { Subscription } from '../src/subscription.js'
import { client, until } from './support.mjs'

const offset = (sequence) => `0000000000000001_${String(sequence).padStart(16, '0')}`

test('what comes without the body it should have says nothing, nor does the head of what has none', async () => {
  let answer
  const http = { ask: async () => answer }
  const answers = (status, text, next) => {
    answer = { response: new Response(status === 204 ? null : text, { status, headers: { 'Stream-Next-Offset': next } }), text }
  }
  const feed = new Feed('c', offset(1))
  const pages = new Pages(http, 'c')
  const { signal } = new AbortController()
  for (const text of ['', '[']) {
    answers(200, text, offset(9))
    await assert.rejects(pages.read(feed, { signal }), { code: 'unanswered' })
    assert.equal(feed.cursor.at, offset(1))
  }
  answers(204, '', '0000000000000002')
  const { isEmpty, upToDate } = await pages.read(feed, { signal, wait: true })
  assert.deepEqual([isEmpty, upToDate, feed.cursor.at], [true, true, offset(1)])
})

test('a page is read once, however slowly an iterator takes it', async () => {
  const many = 1_000
  const messages = Array.from({ length: many }, (_, n) => ({ offset: offset(n + 1), data: n }))
  let asked = 0
  const http = {
    async ask() {
      asked++
      const text = JSON.stringify(messages)
      return { response: new Response(text, { headers: { 'Stream-Next-Offset': offset(many), 'Stream-Up-To-Date': 'true' } }), text }
    },
  }
  const feed = new Feed('c', offset(many))
  const slow = { state: { state: 'live' }, left() {}, parts: async () => ({ catchUp: (...how) => catchUp(http, ...how) }) }
  const subscription = new Subscription(slow, feed, { from: '-1' })
  feed.join(subscription)
  const seen = []
  for await (const { data } of subscription) {
    seen.push(data)
    await new Promise(setImmediate)
    if (data === many - 1) break
  }
  assert.deepEqual(seen, messages.map(({ data }) => data))
  assert.equal(asked, 1)
})

test('an iterator that is left while it is full ends its catching up', async () => {
  const messages = Array.from({ length: 1_000 }, (_, n) => ({ offset: offset(n + 1), data: n }))
  const text = JSON.stringify(messages)
  const headers = { 'Stream-Next-Offset': offset(1_000), 'Stream-Up-To-Date': 'true' }
  const http = { ask: async () => ({ response: new Response(text, { headers }), text }) }
  const feed = new Feed('c', offset(1_000))
  let catching
  const client = { state: { state: 'live' }, left() {}, parts: async () => ({ catchUp: (...how) => (catching = catchUp(http, ...how)) }) }
  const subscription = new Subscription(client, feed, { from: '-1' })
  feed.join(subscription)
  await until(() => subscription.isFull)
  subscription.close()
  await catching
})

test('a 204 of a stranger is no end of a channel', async (t) => {
  let headers = {}
  const server = createServer((_, response) => response.writeHead(204, headers).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const made = client(t, `http://127.0.0.1:${server.address().port}`, { transports: ['sse'] })
  let ended
  made.channel('c').subscribe({ from: offset(1), onMessage() {}, onEnd: (reason) => (ended = reason) })
  await until(() => made.state.state === 'offline')
  assert.equal(made.state.why, 'sse: the answer is not from a Switchboard server')
  assert.equal(ended, undefined)
  headers = { 'Stream-Closed': 'true' }
  made.retry()
  await until(() => ended !== undefined)
  assert.equal(ended, 'closed')
})

test('what is published and not sent when the client is closed says so', async (t) => {
  const made = client(t, 'http://127.0.0.1:1')
  const publishing = made.channel('c').publish(1)
  made.close()
  await assert.rejects(publishing, { code: 'closed' })
  await assert.rejects(made.channel('c').publish(1), { code: 'closed' })
})
