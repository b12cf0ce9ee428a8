// Clients of others on our channels, and ours beside them: the same messages, whoever writes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DurableStream, IdempotentProducer, stream } from '@durable-streams/client'
import { EventSource } from 'eventsource'
import { client, create, post, serve, until } from './support.mjs'

const wscat = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../node_modules/.bin/wscat')

describe('other clients', () => {
  const ends = []
  let running
  let names = 0

  before(async () => {
    running = await serve({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s', '--live-sse-max-age', '1s'])
  })
  after(async () => {
    for (const end of ends) await end()
  })

  const named = async () => {
    const name = `o/${names++}`
    await create(running.url, name)
    return [name, `${running.url}/v1/stream/${name}`]
  }

  /** What a program prints, line by line. */
  function run(t, command, words) {
    const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    t.after(() => child.kill('SIGKILL'))
    const lines = []
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    return { child, lines }
  }

  for (const live of ['long-poll', 'sse']) {
    test(`@durable-streams/client reads by ${live} what ours writes, and ours what it writes`, async (t) => {
      const url = `${running.url}/v1/stream/o/${names}`
      const name = `o/${names++}`
      const theirs = await DurableStream.create({ url, contentType: 'application/json' })
      const ours = client(t, running.url).channel(name)
      const seen = []
      ours.subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
      const producer = new IdempotentProducer(theirs, 'theirs', { autoClaim: true })
      for (let n = 0; n < 20; n++) producer.append(JSON.stringify({ n }))
      await producer.flush()
      await until(() => seen.length === 20)
      await ours.publishAll([{ n: 20 }, { n: 21 }])

      const read = []
      const answer = await stream({ url, offset: '-1', live })
      t.after(() => answer.cancel())
      answer.subscribeJson(async ({ items }) => void read.push(...items))
      await until(() => read.length === 22)
      await ours.publish({ n: 22 })
      await until(() => read.length === 23)
      const wanted = Array.from({ length: 23 }, (_, n) => ({ n }))
      assert.deepEqual(read, wanted)
      await until(() => seen.length === 23)
      assert.deepEqual(seen, wanted)
    })
  }

  test('npm eventsource comes back by itself after the server was killed, and loses nothing', async (t) => {
    const [name, url] = await named()
    const ours = client(t, running.url).channel(name)
    await ours.publish(0)
    const source = new EventSource(`${url}?offset=-1`)
    t.after(() => source.close())
    const read = []
    source.onmessage = ({ data }) => read.push(JSON.parse(data))
    await until(() => read.length === 1)
    await running.server.kill()
    const publishing = ours.publish(1) // while nobody is there
    await running.again()
    await publishing
    await ours.publish(2)
    await until(() => read.length === 3)
    assert.deepEqual(read, [0, 1, 2])
  })

  test('npm eventsource reads several channels on the shared line', async (t) => {
    const [[a, first], [b]] = [await named(), await named()]
    const source = new EventSource(`${running.url}/live?channel=${a}&channel=${b}`)
    t.after(() => source.close())
    const read = []
    source.onmessage = ({ data }) => read.push(JSON.parse(data))
    await new Promise((resolve) => (source.onopen = resolve))
    await post(running.url, a, '[1]')
    await until(() => read.length === 1)
    await post(running.url, b, '[2]')
    await until(() => read.length === 2)
    assert.deepEqual(read.map(({ channel, data }) => [channel, data]), [[a, 1], [b, 2]])
    assert.ok(first)
  })

  test('wscat hears a channel, and speaks on it', async (t) => {
    const [name, url] = await named()
    const ours = client(t, running.url).channel(name)
    const seen = []
    ours.subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
    await ours.publish('before')
    const { child, lines } = run(t, process.execPath, [wscat, '--no-color', '-c', `${url.replace('http', 'ws')}?offset=-1`])
    await until(() => lines.some((line) => line.includes('"before"')))
    await ours.publish('after')
    await until(() => lines.some((line) => line.includes('"after"')))
    child.stdin.write('"from wscat"\n')
    await until(() => seen.includes('from wscat'))
    assert.deepEqual(seen, ['before', 'after', 'from wscat'])
  })

  test('curl -N prints messages as they come', async (t) => {
    const [name, url] = await named()
    const ours = client(t, running.url).channel(name)
    await ours.publish(1)
    const { lines } = run(t, 'curl', ['-sN', '-H', 'Accept: text/event-stream', `${url}?offset=-1`])
    await until(() => lines.includes('data:1'))
    await ours.publish(2)
    await until(() => lines.includes('data:2'))
  })
})
