// Bad weather, and a server that is killed and restarted in it: with every client, on every transport, nothing is lost, doubled
// or out of order.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CLEAN } from './checker.mjs'
import { KINDS, WAYS, weather } from './scenario.mjs'
import { serve } from './support.mjs'

// Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos.test.mjs
const seed = Number(process.env.CHAOS_SEED ?? 7)

describe(`all transports in bad weather, seed ${seed}, with kill -9 and a restart`, () => {
  const ends = []
  let seen

  before(async () => {
    const running = await serve({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s'])
    seen = await weather(running, { seed, seconds: 14, events: ['kill', 'restart'], isShort: true })
  })

  after(async () => {
    for (const end of ends) await end()
  })

  for (const [kind, { name, missing }] of Object.entries(KINDS)) {
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
