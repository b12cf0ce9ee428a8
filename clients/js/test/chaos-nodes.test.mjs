// The same weather with three servers on one Redis: each connection leads to the next server, a server is killed, and Redis is
// killed and started again. What was acknowledged is on its disk, so nothing may be lost.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { missingRedis } from '../../../nodes/redis.mjs'
import { CLEAN } from './checker.mjs'
import { KINDS, WAYS, weather } from './scenario.mjs'
import { serveNodes } from './support.mjs'

// Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos-nodes.test.mjs
const seed = Number(process.env.CHAOS_SEED ?? 7)
const kinds = ['node', 'java'].filter((kind) => KINDS[kind].missing() === undefined)

describe(`three nodes in bad weather, seed ${seed}, with kill -9 of a node and of Redis`, { skip: missingRedis() ?? false }, () => {
  const ends = []
  let seen

  before(async () => {
    const running = await serveNodes({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s'])
    seen = await weather(running, { seed, seconds: 8, events: ['kill', 'redis'], kinds, isShort: true })
  })

  after(async () => {
    for (const end of ends) await end()
  })

  for (const kind of ['node', 'java']) {
    const { name, missing } = KINDS[kind]
    test(name, { skip: missing() ?? false }, (t) => {
      const rows = seen.rows.filter((row) => row.kind === kind)
      t.diagnostic(JSON.stringify(rows))
      assert.equal(rows.length, WAYS.length)
      for (const { name, verdict, published, connections } of rows) {
        assert.deepEqual(verdict, CLEAN, `${name}, seed ${seed}`)
        assert.ok(published > 20, `${name} published ${published}`)
        assert.ok(connections > 2, `${name} connected ${connections} times`)
      }
    })
  }

  test('the weather was bad', (t) => {
    t.diagnostic(JSON.stringify({ ...seen.chaos, settledMillis: seen.settledMillis }))
    assert.ok(seen.chaos.cut + seen.chaos.half + seen.chaos.swallow > 5, JSON.stringify(seen.chaos))
  })
})
