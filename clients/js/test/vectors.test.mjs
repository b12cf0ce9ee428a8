// What every client decides alike: the vectors of spec/vectors, against the parts that have no clock of their own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { delay } from '../src/backoff.js'
import { catchUp } from '../src/catching-up.js'
import { Cursor } from '../src/cursor.js'
import { SwitchboardError } from '../src/errors.js'
import { Feed } from '../src/feed.js'
import { Ladder, RUNGS } from '../src/ladder.js'
import { Pages } from '../src/pages.js'
import { Producer } from '../src/producer.js'
import { Subscription } from '../src/subscription.js'

const BEGIN = 1_700_000_000_000
const PUBLISH_TIMEOUT = 60_000

/** Until nothing more comes of what has happened. */
const settled = () => new Promise(setImmediate)

const page = (text, next, headers) => ({ response: new Response(text, { headers: { 'Stream-Next-Offset': next, ...headers } }), text })

const cases = (name) => JSON.parse(readFileSync(new URL(`../../../spec/vectors/${name}.json`, import.meta.url), 'utf8')).cases

describe('backoff', () => {
  for (const { name, attempt, random, told, delay: expected } of cases('backoff')) {
    test(name, () => assert.equal(delay(attempt, random, told), expected))
  }
})

describe('reading on from where messages are gone', () => {
  for (const { name, random, reads } of cases('gone')) {
    test(name, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] })
      t.mock.method(Math, 'random', () => random)
      let asked = 0
      let answer
      const http = {
        async ask() {
          asked++
          if (answer === 'gone') throw new SwitchboardError('gone', 'trimmed', { earliest: `a1c${100 + asked}` })
          return page('[]', 'a1c999')
        },
      }
      const pages = new Pages(http, 'c')
      const feed = new Feed('c', 'a1a1')
      const { signal } = new AbortController()
      for (const [i, [wait, what]] of reads.entries()) {
        answer = what
        const reading = pages.read(feed, { signal })
        if (wait > 0) {
          t.mock.timers.tick(wait - 1)
          await settled()
          assert.equal(asked, i, `read ${i} waits`)
          t.mock.timers.tick(1)
        } else if (random === 0) {
          await settled()
          t.mock.timers.tick(1) // there is no timer of less
        }
        await settled()
        assert.equal(asked, i + 1, `read ${i}`)
        await reading
      }
    })
  }
})

describe('feeds', () => {
  for (const { name, steps } of cases('feeds')) {
    test(name, async () => {
      let feed
      let said = {}
      const readers = new Map()
      const under = new Map() // reads that are under way, by reader
      const say = (id, ...what) => (said[id] ??= []).push(what)
      const events = {
        subscribe({ id, from }) {
          feed ??= new Feed('c', from)
          const http = {
            ask(path) {
              say(id, 'read', new URL(path, 'http://server').searchParams.get('offset'))
              return new Promise((resolve, reject) => under.set(id, { resolve, reject }))
            },
          }
          const client = {
            state: { state: 'live' },
            left: (reader) => feed.subscriptions.delete(reader),
            parts: async () => ({ catchUp: (...how) => catchUp(http, ...how) }),
          }
          const told = {
            onMessage: (_, { offset }) => say(id, 'message', offset),
            onGap: (gap) => say(id, 'gap', gap.from, gap.to),
            onEnd: (how) => say(id, 'end', how),
          }
          readers.set(id, new Subscription(client, feed, { from, ...told }))
          feed.join(readers.get(id))
        },
        close: ({ id }) => readers.get(id).close(),
        begun: ({ offset }) => feed.begin(offset),
        message: ({ offset }) => feed.message({ offset, data: 0 }),
        gap: ({ from, to }) => feed.gap(from, to),
        end: ({ how }) => feed.end(how),
        page({ id, messages, next, closed }) {
          const text = JSON.stringify(messages.map((offset) => ({ offset, data: 0 })))
          under.get(id).resolve(page(text, next, { 'Stream-Up-To-Date': 'true', ...(closed && { 'Stream-Closed': 'true' }) }))
        },
        gone: ({ id, to }) => under.get(id).reject(new SwitchboardError('gone', 'gone', { earliest: to })),
        absent: ({ id }) => under.get(id).reject(new SwitchboardError('not_found', 'there is none')),
      }
      for (const step of steps) {
        events[step.event](step)
        await settled()
        assert.deepEqual({ then: said, feed: feed.cursor.at }, { then: step.then, feed: step.feed }, JSON.stringify(step))
        said = {}
      }
    })
  }
})

describe('ladder', () => {
  for (const { name, rungs = RUNGS, remembered, steps } of cases('ladder')) {
    test(name, () => {
      const ladder = new Ladder(rungs, remembered)
      for (const { at, event, rung, planned, then, wait } of steps) {
        const commands = ladder.on(event, at, rung, planned)
        assert.deepEqual({ then: commands, wait: ladder.wait ?? null }, { then, wait }, `${event} at ${at}`)
      }
    })
  }
})

describe('publishing', () => {
  for (const { name, joins = true, timeout = PUBLISH_TIMEOUT, steps } of cases('publishing')) {
    test(name, () => {
      const producer = new Producer({ random: 0.0085, now: BEGIN, joins, timeout })
      const events = {
        publish: ({ id, messages, bytes }, now) => producer.publish(id, messages, bytes, now),
        stored: () => producer.stored(),
        unanswered: ({ random }, now) => producer.unanswered(random, now),
        refused: ({ error, random, told }, now) => producer.refused(error, random, now, told),
        tick: (_, now) => producer.tick(now),
        close: ({ code }) => producer.close(code),
      }
      for (const step of steps) {
        const then = events[step.event](step, BEGIN + step.at)
        const wait = producer.wait === undefined ? null : producer.wait - BEGIN
        assert.deepEqual({ then, wait }, { then: step.then, wait: step.wait }, `${step.event} at ${step.at}`)
      }
    })
  }
})

describe('cursor', () => {
  const offset = (sequence, generation = 1) => `a${generation}a${sequence}`

  test('what is not behind it was given before', () => {
    const cursor = new Cursor(offset(5))
    assert.deepEqual([4, 5, 6].map((n) => cursor.isBehind(offset(n))), [true, true, false])
    assert.equal(cursor.isBehind(offset(1, 2)), false)
  })

  test('the sentinels have seen nothing', () => {
    for (const from of ['-1', 'now']) assert.equal(new Cursor(from).isBehind(offset(0)), false)
  })

  test('now is exchanged for the first offset that the server names, and nothing else is', () => {
    for (const [from, then] of [['now', offset(3)], ['-1', '-1'], [offset(1), offset(1)]]) {
      const feed = new Feed('c', from)
      feed.begin(offset(3))
      assert.equal(feed.cursor.at, then)
    }
  })
})
