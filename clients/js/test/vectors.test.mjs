// What every client decides alike: the vectors of spec/vectors, against the parts that have no clock of their own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { delay } from '../src/backoff.js'
import { Cursor } from '../src/cursor.js'
import { Feed } from '../src/feed.js'
import { Ladder, RUNGS } from '../src/ladder.js'
import { Producer } from '../src/producer.js'

const BEGIN = 1_700_000_000_000
const PUBLISH_TIMEOUT = 60_000

const cases = (name) => JSON.parse(readFileSync(new URL(`../../../spec/vectors/${name}.json`, import.meta.url), 'utf8')).cases

describe('backoff', () => {
  for (const { name, attempt, random, told, delay: expected } of cases('backoff')) {
    test(name, () => assert.equal(delay(attempt, random, told), expected))
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
