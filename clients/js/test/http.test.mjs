// One request and its answer.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Http } from '../src/http.js'

const MILLIS = 12_345

for (const [status, type, code] of [
  [200, 'application/json', 'unanswered'],
  [503, 'application/problem+json', 'unavailable'],
  [502, 'text/html', 'unavailable'],
]) {
  test(`a ${status} whose body never comes is no answer`, { timeout: 60_000 }, async (t) => {
    const server = createServer((_, response) => response.writeHead(status, { 'Content-Type': type }).flushHeaders())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    // The time is up when the head is there, however long that takes.
    const real = setTimeout
    let over
    t.mock.method(globalThis, 'setTimeout', (then, millis, ...what) => (millis === MILLIS ? void (over = then) : real(then, millis, ...what)))
    const seen = async (...how) => {
      const response = await fetch(...how)
      setImmediate(over)
      return response
    }
    const http = new Http(`http://127.0.0.1:${server.address().port}`, seen, { get: async () => undefined, accepted() {} })
    await assert.rejects(http.ask('/', { millisMax: MILLIS }), { code })
    // An event stream that was refused is no stream.
    if (status !== 200) await assert.rejects(http.ask('/', { millisMax: MILLIS, stream: true }), { code })
  })
}
