// The same weather with three servers on one Redis: each connection leads to the next server, a server is killed, and Redis is
// killed and started again. What was acknowledged is on its disk, so nothing may be lost.
import { missingRedis } from '../../../nodes/redis.mjs'
import { testWeather } from './scenario.mjs'
import { serveNodes } from './support.mjs'

testWeather('three nodes in bad weather, with kill -9 of a node and of Redis', {
  // Another one is tried with CHAOS_SEED=… node --test clients/js/test/chaos-nodes.test.mjs
  seed: Number(process.env.CHAOS_SEED ?? 7),
  seconds: 8,
  events: ['kill', 'redis'],
  kinds: ['node', 'java'],
  start: serveNodes,
  skip: missingRedis() ?? false,
})
