// Bad weather, and a server that is killed and restarted in it.
import { testWeather } from './scenario.mjs'
import { serve } from './support.mjs'

testWeather('all transports in bad weather, with kill -9 and a restart', {
  // Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos.test.mjs
  seed: Number(process.env.CHAOS_SEED ?? 7),
  seconds: 14,
  events: ['kill', 'restart'],
  start: serve,
})
