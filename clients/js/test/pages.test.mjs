// What answers mean: pages of a channel, and the end of an event stream.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Feed } from '../src/feed.js'
import { Pages } from '../src/pages.js'
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
