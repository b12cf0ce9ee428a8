// The four ways to read a channel. Each takes a connection from `position` on and runs until it breaks: it moves
// `position` with every message, calls `live()` once the server has answered, and rejects with the reason of its end.
//
// `origin()` is where the line finds the server: through the relay of the lab, or undefined for there where the page is from.
//
// How bytes are counted stands at the end of index.html; change both together.
import { pause } from './backoff.js'
import { keyOf, Refused } from './channel.js'
import { Unauthorized } from './credentials.js'
import { Heads, pageVersion, partBytes } from './framing.js'
import { numbered } from './meter.js'

const POLL_MILLIS_MAX = 15_000
const LONG_POLL_MILLIS_MAX = 120_000 // the server answers after live.longPollTimeout, 25 s unless it is set otherwise
const SKIPPED_KEYS_MAX = 2_000

/** Asks, waits, asks again. */
export async function poll(line) {
  const { channel, origin, position, signal, live, interval, alarm } = line
  for (;;) {
    const begun = performance.now()
    const answer = await ask(line, `${channel.urlAt(origin())}?offset=${position.offset}`, POLL_MILLIS_MAX)
    live()
    // As long as there is more right now, it is fetched right now.
    if (answer.upToDate) await pause(begun + interval() - performance.now(), signal, alarm)
  }
}

/** Asks; the answer comes when there is news; asks again at once. */
export async function longPoll(line) {
  const { channel, origin, position, live } = line
  // The first question is an ordinary one, so that the line is known to work before it has to wait.
  // The server passes over `way`; it tells this reader's requests from the other's in the browser's timing.
  let answer = await ask(line, `${channel.urlAt(origin())}?offset=${position.offset}&way=long-poll`, POLL_MILLIS_MAX)
  for (;;) {
    live()
    const cursor = answer.cursor === null ? '' : `&cursor=${answer.cursor}`
    answer = await ask(line, `${channel.urlAt(origin())}?offset=${position.offset}&live=long-poll${cursor}`, LONG_POLL_MILLIS_MAX)
  }
}

async function ask({ name, channel, position, meter, signal }, url, millisMax) {
  meter.requested()
  const response = await channel.credentials.fetch(url, {
    // A browser's cache would answer for the server, and its bytes would be free.
    cache: 'no-store',
    signal: AbortSignal.any([signal, AbortSignal.timeout(millisMax)]),
  }).catch(unanswered)
  answers.set(new URL(response.url).search, { meter, head: headOf(response) })
  const text = await response.text().catch(unanswered)
  const next = response.headers.get('Stream-Next-Offset')
  if (response.ok) {
    // A connection that ends within the head looks like a success without a body: only a 204 has none.
    if (response.status !== 204) {
      for (const message of parsed(text)) meter.received(JSON.stringify(message))
      if (next !== null) position.offset = next
    }
    if (response.headers.has('Stream-Closed')) throw new Refused('the channel is closed')
    return { upToDate: response.headers.has('Stream-Up-To-Date'), cursor: response.headers.get('Stream-Cursor') }
  }
  const earliest = response.headers.get('Stream-Earliest-Offset')
  if (response.status === 410 && earliest !== null) {
    meter.gap()
    position.offset = earliest
    return { upToDate: false, cursor: null }
  }
  if (response.status === 404) await channel.create()
  if (response.status === 403) throw new Refused('the token does not allow to read this channel')
  const broken = new Error(`${name} was answered ${response.status}`)
  broken.retryAfterMillis = Number(response.headers.get('Retry-After') ?? 0) * 1_000
  throw broken
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch (reason) {
    return unanswered(reason)
  }
}

// Browsers say "Failed to fetch", each in its own words.
function unanswered(reason) {
  if (reason instanceof Unauthorized) throw reason
  throw new Error('the server does not answer')
}

// A page of the same origin sees all fields.
const headOf = ({ status, statusText, headers }) => ({ status, statusText, fields: [...headers] })

// Whose answer an entry of the browser's resource timing is, by the query of its URL.
const answers = new Map()
const ANSWERS_MAX = 100
const heads = new Heads()

/** Adds the sizes of answers to the meters: of bodies as the browser measured them, of heads by the version that it names. */
export function measureAnswers() {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.initiatorType !== 'fetch') continue
      const answer = answers.get(new URL(entry.name).search)
      answer?.meter.downloaded(heads.bytes(answer.head, entry.nextHopProtocol) + entry.encodedBodySize)
    }
    while (answers.size > ANSWERS_MAX) answers.delete(answers.keys().next().value)
    performance.clearResourceTimings()
  }).observe({ type: 'resource' })
}

const utf8 = new TextEncoder()

/** One response that does not end. EventSource would reconnect by itself, but at its own pace and without showing it. */
export async function eventSource({ channel, origin, position, meter, signal, live }) {
  const url = await ticketed(`${channel.urlAt(origin())}?offset=${position.offset}`, channel, meter, signal)
  return connection(signal, (end) => {
    meter.requested()
    const source = new EventSource(url)
    source.onopen = live
    source.onerror = () => end(new Error('the event stream ended'))
    source.onmessage = ({ data, lastEventId }) => {
      position.offset = lastEventId
      meter.downloaded(eventBytes(lastEventId, data))
      meter.received(data)
      const message = numbered(data)
      if (message !== undefined) channel.learn(keyOf(message), lastEventId)
    }
    source.addEventListener('gap', ({ data, lastEventId }) => {
      position.offset = lastEventId
      meter.downloaded(eventBytes(lastEventId, data) + 'event: gap\n'.length)
      meter.gap()
    })
    source.addEventListener('closed', () => end(new Refused('the channel is closed')))
    source.addEventListener('deleted', () => end(new Error('the channel was deleted')))
    return () => source.close()
  })
}

// A ticket costs a request of its own.
function ticketed(url, channel, meter, signal) {
  if (channel.credentials.known) meter.requested()
  return channel.credentials.ticketed(url, signal).catch((reason) => {
    if (reason instanceof TypeError) unanswered(reason)
    throw reason
  })
}

// "id:ID\ndata:DATA\n\n", and what is around it.
function eventBytes(id, data) {
  const event = 'id:\ndata:\n\n'.length + id.length + utf8.encode(data).length
  return event + partBytes(event, pageVersion())
}

/**
 * One socket; a text frame is a message, exactly as it was published. No frame tells an offset, so the line remembers
 * the last message whose offset anybody else on this page learned, and how many came after it: when it comes
 * back it reads from there and passes over as many.
 */
export async function webSocket({ channel, origin, position, meter, signal, live }) {
  const url = await ticketed(`${channel.socketUrlAt(origin())}?offset=${position.offset}`, channel, meter, signal)
  return connection(signal, (end) => {
    meter.requested()
    const socket = new WebSocket(url)
    position.keys ??= new Map()
    position.since ??= 0
    let known = position.since
    let opened = false
    const learned = ({ detail }) => checkpoint(position, detail.key, detail.offset)
    channel.addEventListener('learned', learned)
    socket.onopen = () => {
      opened = true
      live()
    }
    socket.onmessage = ({ data }) => {
      meter.downloaded(frameBytes(data))
      if (known > 0) {
        known--
        return
      }
      position.since++
      meter.received(data)
      const message = numbered(data)
      if (message === undefined) return
      const key = keyOf(message)
      position.keys.set(key, position.since)
      if (position.keys.size > SKIPPED_KEYS_MAX) position.keys.delete(position.keys.keys().next().value)
      const offset = channel.offsetOf(key)
      if (offset !== undefined) checkpoint(position, key, offset)
    }
    socket.onclose = async ({ code }) => {
      if (code === 4009) return end(new Refused('the channel is closed'))
      // A page is not told why a handshake failed, nor where to go on after a gap: an ordinary read is.
      if (code === 4008 || (!opened && position.opened)) await findWay(channel, origin(), position, meter, signal)
      position.opened ||= opened
      const broken = new Error(opened ? `the socket was closed (${code})` : 'the server does not open a WebSocket here')
      broken.unavailable = !position.opened
      end(broken)
    }
    return () => {
      channel.removeEventListener('learned', learned)
      socket.onclose = null
      // One that is closed before it is open is an error to the browser.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close()
      else socket.close()
    }
  })
}

function checkpoint(position, key, offset) {
  const at = position.keys.get(key)
  if (at === undefined) return
  position.offset = offset
  position.since -= at
  const left = [...position.keys].filter(([, place]) => place > at)
  position.keys = new Map(left.map(([later, place]) => [later, place - at]))
}

async function findWay(channel, origin, position, meter, signal) {
  try {
    meter.requested()
    const options = { cache: 'no-store', signal }
    const response = await channel.credentials.fetch(`${channel.urlAt(origin)}?offset=${position.offset}`, options)
    meter.downloaded(heads.bytes(headOf(response), pageVersion()))
    const earliest = response.headers.get('Stream-Earliest-Offset')
    if (response.status !== 410 || earliest === null) return
    meter.gap()
    Object.assign(position, { offset: earliest, since: 0, keys: new Map() })
  } catch {
    // The server is away; the next attempt finds out.
  }
}

// A frame of RFC 6455 from a server: two bytes, or four, or ten, and the payload, which is not masked.
function frameBytes(data) {
  const payload = typeof data === 'string' ? utf8.encode(data).length : (data.size ?? 0)
  return payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10)
}

// Rejects when `open`'s callback is called or `signal` aborts; then undoes what `open` did.
function connection(signal, open) {
  return new Promise((_, reject) => {
    signal.throwIfAborted()
    const over = new AbortController()
    const end = (reason) => {
      if (over.signal.aborted) return
      over.abort()
      close?.()
      reject(reason)
    }
    signal.addEventListener('abort', () => end(signal.reason), { signal: over.signal })
    const close = open(end)
  })
}
