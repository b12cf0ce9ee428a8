// Bad weather, and a server that is killed and restarted in it: on every transport nothing is lost, doubled or out of order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLEAN } from './checker.mjs'
import { WAYS, weather } from './scenario.mjs'
import { serve } from './support.mjs'

// Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos.test.mjs
const seed = Number(process.env.CHAOS_SEED ?? 7)

test(`all transports in bad weather, seed ${seed}, with kill -9 and a restart`, async (t) => {
  const running = await serve(t, ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s'])
  const { rows, chaos } = await weather(running, { seed, seconds: 14, events: ['kill', 'restart'] })
  t.diagnostic(JSON.stringify({ rows, chaos }))
  assert.equal(rows.length, WAYS.length)
  for (const { name, verdict, published, connections } of rows) {
    assert.deepEqual(verdict, CLEAN, `${name}, seed ${seed}`)
    assert.ok(published > 20, `${name} published ${published}`)
    assert.ok(connections > 2, `${name} connected ${connections} times`)
  }
  assert.ok(chaos.cut + chaos.half + chaos.swallow > 5, JSON.stringify(chaos))
})
