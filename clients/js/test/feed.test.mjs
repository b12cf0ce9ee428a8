// Two transports at once, while the ladder tries: what one brings late takes nothing back.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { catchUp } from '../src/catching-up.js'
import { SwitchboardError } from '../src/errors.js'
import { Feed } from '../src/feed.js'
import { events } from '../src/events.js'
import { Subscription } from '../src/subscription.js'

const offset = (sequence) => `a1a${sequence}`
const client = { state: { state: 'live' }, left() {} }
let feed
let told

beforeEach(() => {
  feed = new Feed('c', offset(1))
  told = []
  const options = { from: offset(1), onMessage: (data) => told.push(data), onGap: ({ from, to }) => told.push([from, to]) }
  feed.join(new Subscription(client, feed, options))
})

const bring = (...sequences) => sequences.forEach((n) => feed.message({ offset: offset(n), data: n }))

test('what both bring comes once', () => {
  bring(2, 3)
  bring(2, 3, 4)
  assert.deepEqual(told, [2, 3, 4])
})

test('an answer that stood further back does not take the place back', () => {
  bring(2, 3)
  feed.stand(offset(2))
  bring(3, 4)
  assert.deepEqual(told, [2, 3, 4])
})

test('a gap that both tell is told once', () => {
  feed.gap(offset(1), offset(5))
  bring(6, 7)
  feed.gap(offset(1), offset(5))
  bring(6, 7, 8)
  assert.deepEqual(told, [[offset(1), offset(5)], 6, 7, 8])
})

test('what a server has lost may lie before the place', () => {
  bring(2, 3)
  feed.gap(offset(3), offset(2))
  feed.message({ offset: 'a2a3', data: 'anew' })
  assert.deepEqual(told, [2, 3, [offset(3), offset(2)], 'anew'])
})

test('where an iterator stands is behind what it has given, not behind what waits for it', async () => {
  const subscription = new Subscription(client, feed, { from: offset(1) })
  feed.join(subscription)
  bring(2, 3, 4)
  feed.gap(offset(4), offset(7))
  const places = [subscription.offset]
  for await (const { data } of subscription) {
    places.push(subscription.offset)
    if (data === 4) break
  }
  assert.deepEqual(places, [1, 2, 3, 4].map(offset))
})

test('an iterator that waits is ended by its return', async () => {
  const iterator = new Subscription(client, feed, { from: offset(1) })[Symbol.asyncIterator]()
  const waiting = iterator.next()
  assert.equal((await iterator.return()).done, true)
  assert.equal((await waiting).done, true)
})

test('a channel that is gone before its feed knows is not asked for without end', async () => {
  let asked = 0
  const http = {
    ask: async () => {
      if (++asked === 2) feed.end('deleted')
      throw new SwitchboardError(asked > 20 ? 'invalid' : 'not_found', 'there is no such channel')
    },
  }
  const gone = { ...client, parts: async () => ({ catchUp: (...how) => catchUp(http, ...how) }) }
  const end = await new Promise((onEnd) => feed.join(new Subscription(gone, feed, { from: '-1', onEnd })))
  assert.deepEqual([end, asked], ['deleted', 2])
})

test('an event stream is the same however it comes in pieces, with any line ends', () => {
  const text = 'id:1\ndata: {"a":\ndata:1}\n\n:comment\nretry: 42\n\nevent:gap\r\ndata:x\r\n\r\ndata:y\r\rdata\n\n'
  const expected = [{ data: '{"a":\n1}' }, { retry: 42 }, { event: 'gap', data: 'x' }, { data: 'y' }, { data: '' }]
  for (let size = 1; size <= text.length; size++) {
    const got = []
    const parse = events((event) => got.push(event))
    for (let i = 0; i < text.length; i += size) parse(text.slice(i, i + size))
    assert.deepEqual(got, expected, `pieces of ${size}`)
  }
})
