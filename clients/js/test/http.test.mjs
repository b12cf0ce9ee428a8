// One request and its answer.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Http } from '../src/http.js'

for (const [status, type] of [[200, 'application/json'], [503, 'application/problem+json'], [502, 'text/html']]) {
  test(`a ${status} whose body never comes is no answer`, { timeout: 10_000 }, async (t) => {
    const server = createServer((_, response) => response.writeHead(status, { 'Content-Type': type }).flushHeaders())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const http = new Http(`http://127.0.0.1:${server.address().port}`, fetch, { get: async () => undefined, accepted() {} })
    await assert.rejects(http.ask('/', { millisMax: 200 }), ({ code }) => ['unanswered', 'unavailable'].includes(code))
    // An event stream that was refused is no stream.
    if (status !== 200) await assert.rejects(http.ask('/', { millisMax: 200, stream: true }), ({ code }) => code === 'unavailable')
  })
}
