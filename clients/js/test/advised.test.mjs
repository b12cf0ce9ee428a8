// What a server advises, as what a client may use.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { advised } from 'switchboard-client/advised'
import { serve, TRANSPORTS } from './support.mjs'

async function answering(t, respond) {
  const asked = []
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization])
    respond(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${server.address().port}/behind/`, asked }
}

test('the advised transport is used, and what comes after it', async (t) => {
  for (const [transport, first] of [['websocket', 0], ['sse', 1], ['long-poll', 2], ['poll', 3]]) {
    const advice = { kind: 'move', transport, confidence: 'medium', sentence: 'Because.' }
    const { url, asked } = await answering(t, (response) => response.end(JSON.stringify({ advice })))
    assert.deepEqual(await advised(url, 'prices/a+b', { token: 'x' }), { transports: TRANSPORTS.slice(first), sentence: 'Because.' })
    assert.deepEqual(asked, [['/behind/v1/advice?channel=prices%2Fa%2Bb', 'Bearer x']])
  }
})

test('what is no advice leaves all of them', async (t) => {
  const bodies = [
    { advice: { kind: 'none', sentence: 'Too little.' } },
    { advice: { transport: 'poll', confidence: 'low', sentence: 'Perhaps.' } },
    { advice: { transport: 'pigeon', confidence: 'high' } },
    { advice: 7 },
    {},
    null,
  ].map((body) => JSON.stringify(body))
  for (const status of [200, 403, 500]) {
    for (const body of [...bodies, '<html>']) {
      const { url } = await answering(t, (response) => response.writeHead(status).end(body))
      const { transports, sentence } = await advised(url, 'c')
      assert.deepEqual([transports, typeof sentence], [TRANSPORTS, 'string'], `${status} ${body}`)
    }
  }
  const { url } = await answering(t, () => {})
  assert.deepEqual((await advised(url, 'c', { signal: AbortSignal.abort() })).transports, TRANSPORTS)
  await assert.rejects(advised('nowhere', 'c'), { code: 'invalid' })
})

test('a server that has seen nothing advises nothing, and says so', async (t) => {
  const server = await serve(t)
  const { transports, sentence } = await advised(server.url, 'c')
  assert.deepEqual(transports, TRANSPORTS)
  assert.notEqual(sentence, 'the server gives no advice')
})
