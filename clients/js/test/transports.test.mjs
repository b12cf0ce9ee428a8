// Every transport alone, and what is the same on all of them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { client, close, create, pause, post, remove, serve, TRANSPORTS, until } from './support.mjs'

let url
let names = 0
const named = () => `t/${names++}`

describe('transports', () => {
  const ends = []
  before(async () => {
    const suite = { after: (end) => ends.unshift(end) }
    url = (await serve(suite, ['--live-heartbeat', '1s', '--limits-read-bytes', '16KB'])).url
  })
  after(async () => {
    for (const end of ends) await end()
  })

  for (const transport of TRANSPORTS) {
    const only = { transports: [transport] }

    test(`${transport}: what was there and what comes, once and in order`, async (t) => {
      const name = named()
      await create(url, name)
      const made = client(t, url, only)
      const wanted = []
      const next = () => post(url, name, JSON.stringify([(wanted.push(wanted.length), wanted.length - 1)]))
      for (let i = 0; i < 5; i++) await next()
      const seen = []
      const offsets = []
      made.channel(name).subscribe({ from: '-1', onMessage: (data, { offset }) => (seen.push(data), offsets.push(offset)) })
      await until(() => seen.length === 5)
      assert.equal(made.state.state, 'live')
      assert.equal(made.state.transport, transport)
      for (let i = 0; i < 5; i++) await next()
      await until(() => seen.length >= 10)
      assert.deepEqual(seen, wanted)

      const again = []
      made.channel(name).subscribe({ from: offsets[6], onMessage: (data) => again.push(data) })
      await until(() => again.length >= 3)
      assert.deepEqual(again, wanted.slice(7))
    })

    test(`${transport}: text and bytes, from now on, and a channel that is not there yet`, async (t) => {
      const [text, binary, later] = [named(), named(), named()]
      await create(url, text, 'text/plain')
      await create(url, binary, 'application/octet-stream')
      await post(url, text, 'before', 'text/plain')
      const made = client(t, url, only)
      const texts = made.channel(text, { type: 'text/plain' })
      const bytes = made.channel(binary, { type: 'application/octet-stream' })
      const seen = []
      const begun = [texts, bytes].map((channel) => channel.subscribe({ onMessage: (data) => seen.push(data) }))
      const waits = made.channel(later).subscribe({ onMessage: (data) => seen.push(data) })
      await until(() => begun.every(({ offset }) => offset !== 'now'))
      await texts.publish('a "text"\n of two lines')
      await until(() => seen.length === 1)
      await bytes.publish(Uint8Array.of(0, 255, 10, 13))
      await until(() => seen.length === 2)
      await until(() => waits.offset !== 'now')
      await create(url, later)
      await post(url, later, '[{"first":1}]')
      await until(() => seen.length === 3)
      assert.deepEqual(seen, ['a "text"\n of two lines', Uint8Array.of(0, 255, 10, 13), { first: 1 }])
    })

    test(`${transport}: the end of a channel comes after its last message, and so does its removal`, async (t) => {
      const [closed, deleted] = [named(), named()]
      const told = []
      const made = client(t, url, only)
      for (const name of [closed, deleted]) {
        await create(url, name)
        await post(url, name, '[1]')
        made.channel(name).subscribe({
          from: '-1',
          onMessage: (data) => told.push(`${name} ${data}`),
          onEnd: (reason) => told.push(`${name} ${reason}`),
        })
      }
      await until(() => told.length === 2)
      await post(url, closed, '[2]')
      await close(url, closed)
      await until(() => told.length === 4)
      await remove(url, deleted)
      await until(() => told.length === 5)
      assert.deepEqual(told.slice(2), [`${closed} 2`, `${closed} closed`, `${deleted} deleted`])

      const again = []
      made.channel(closed).subscribe({ from: '-1', onMessage: (data) => again.push(data), onEnd: (reason) => again.push(reason) })
      await until(() => again.length === 3)
      assert.deepEqual(again, [1, 2, 'closed'])
    })

    test(`${transport}: 25 channels at once, and more of them later`, async (t) => {
      const many = Array.from({ length: 25 }, named)
      await Promise.all(many.map((name) => create(url, name)))
      const made = client(t, url, only)
      const seen = new Set()
      const subscribe = (name) => made.channel(name).subscribe({ from: '-1', onMessage: (data) => seen.add(`${name} ${data}`) })
      many.slice(0, 23).forEach(subscribe)
      await Promise.all(many.map((name) => post(url, name, '[1]')))
      await until(() => seen.size === 23)
      const [left] = many.slice(23).map(subscribe)
      await until(() => seen.size === 25)
      left.close()
      await Promise.all(many.map((name) => post(url, name, '[2]')))
      await until(() => seen.size === 49)
    })

    test(`${transport}: a subscription that takes the place of another begins where it says`, async (t) => {
      const name = named()
      await create(url, name)
      await post(url, name, '[0,1,2]')
      const made = client(t, url, only)
      const first = []
      const before = made.channel(name).subscribe({ from: '-1', onMessage: (data) => first.push(data) })
      await until(() => first.length === 3)
      const posting = post(url, name, '[3,4]')
      before.close()
      const seen = []
      made.channel(name).subscribe({ from: '-1', onMessage: (data) => seen.push(data) })
      await posting
      await until(() => seen.length >= 5)
      assert.deepEqual(seen, [0, 1, 2, 3, 4])
    })

    test(`${transport}: messages that are gone are told as a gap, once, and the rest comes`, async (t) => {
      const name = named()
      await create(url, name)
      await post(url, name, '[1]')
      const made = client(t, url, only)
      const told = []
      const gone = 'a1a0'
      made.channel(name).subscribe({
        from: gone,
        onGap: ({ from }) => told.push(`gap ${from}`),
        onMessage: (data, { gap }) => told.push([data, gap?.from]),
      })
      await until(() => told.length > 0)
      await post(url, name, '[2]')
      await until(() => JSON.stringify(told.at(-1)).startsWith('[2'))
      assert.equal(told[0], `gap ${gone}`)
      assert.equal(told.filter((each) => typeof each === 'string').length, 1)
      assert.equal(told[1][1], gone, 'the first message behind it says so, too')
    })
  }

  test('an iterator that is slow holds nothing up and loses nothing', async (t) => {
    const name = named()
    await create(url, name)
    const made = client(t, url)
    const quick = []
    made.channel(name).subscribe({ from: '-1', onMessage: (data) => quick.push(data) })
    const slow = made.channel(name).subscribe({ from: '-1' })
    for (let from = 0; from < 2_000; from += 500) {
      await post(url, name, JSON.stringify(Array.from({ length: 500 }, (_, i) => from + i)))
    }
    await until(() => quick.length === 2_000)
    assert.equal(made.state.transport, 'websocket')
    const seen = []
    for await (const { data } of slow) {
      if (seen.push(data) % 400 === 0) await pause(20)
      if (seen.length === 1_990) await post(url, name, '[2000]')
      if (seen.length === 2_001) break
    }
    assert.deepEqual(seen, Array.from({ length: 2_001 }, (_, i) => i))
    assert.equal(slow.state, 'ended')
  })

  test('an iterator ends with its channel', async (t) => {
    const name = named()
    await create(url, name)
    await post(url, name, '[1,2]')
    await close(url, name)
    const seen = []
    for await (const { data } of client(t, url).channel(name).subscribe({ from: '-1' })) seen.push(data)
    assert.deepEqual(seen, [1, 2])
  })

  for (const transport of ['websocket', 'polling']) {
    test(`${transport}: with a rate the newest comes, and how many were left out`, async (t) => {
      const name = named()
      await create(url, name)
      const made = client(t, url, { transports: [transport] })
      await post(url, name, JSON.stringify(Array.from({ length: 50 }, (_, i) => i)))
      const seen = []
      let left = 0
      made.channel(name).subscribe({ from: '-1', rate: 2, onMessage: (data, { skipped }) => (seen.push(data), (left += skipped)) })
      await until(() => seen.at(-1) === 49)
      assert.equal(seen.length + left, 50)
      assert.ok(seen.length <= 3, seen.join())
    })
  }

  test('who is there comes on a line, and is said to be unknown elsewhere', async (t) => {
    const name = named()
    await create(url, name)
    const made = [client(t, url), client(t, url)]
    const rosters = made.map(() => [])
    const subscribe = (i) => made[i].channel(name).subscribe({ presence: true, onPresence: (roster) => rosters[i].push(roster) })
    subscribe(0)
    await until(() => rosters[0].at(-1)?.count === 1)
    const second = subscribe(1)
    await until(() => rosters[0].at(-1).count === 2 && rosters[1].at(-1)?.count === 2)
    assert.equal(rosters[0].at(-1).members.length, 2)
    assert.equal((await made[0].channel(name).presence()).count, 2)
    second.close()

    const blind = client(t, url, { transports: ['sse'] })
    const told = []
    blind.channel(name).subscribe({ presence: true, onPresence: (roster) => told.push(roster) })
    await until(() => told.length > 0)
    assert.deepEqual(told, [{ known: false, count: undefined, members: undefined }])
    assert.deepEqual(await blind.channel(name).presence(), { known: false })
  })

  test('what the application throws is told to it, and stops nothing', async (t) => {
    const name = named()
    await create(url, name)
    await post(url, name, '[1,2]')
    const errors = []
    client(t, url).channel(name).subscribe({
      from: '-1',
      onMessage: (data) => {
        throw new Error(`no ${data}`)
      },
      onError: (error) => errors.push(`${error.code}: ${error.cause.message}`),
    })
    await until(() => errors.length === 2)
    assert.deepEqual(errors, ['application: no 1', 'application: no 2'])
  })

  test('more channels than a line may have are refused, and the others go on', async (t) => {
    const few = await serve(t, ['--limits-subscriptions', '2'])
    const told = []
    const made = client(t, few.url, { transports: ['websocket'] })
    for (const name of ['a', 'b', 'c']) {
      await create(few.url, name)
      made.channel(name).subscribe({ from: '-1', onMessage: () => told.push(name), onError: ({ code }) => told.push(`${name} ${code}`) })
    }
    await until(() => told.length === 1)
    for (const name of ['a', 'b', 'c']) await made.channel(name).publish(1)
    await until(() => told.length === 3)
    assert.deepEqual(told, ['c too_many', 'a', 'b'])
  })

  test('a runtime without WebSocket reads by an event stream, and says why', async (t) => {
    const name = named()
    await create(url, name)
    const made = client(t, url, { WebSocket: undefined })
    made.channel(name).subscribe({ onMessage() {} })
    await until(() => made.state.state === 'live')
    assert.equal(made.state.transport, 'sse')
    assert.equal(made.state.why, 'websocket: this runtime has none')
  })
})
