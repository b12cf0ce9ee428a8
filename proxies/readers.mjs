// Readers as small as they can be, that go on where they stood whatever happens to their connection; and a WebSocket.
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

const RETRY_MILLIS = 30
const LOST_MAX = 500 // connections, after which something else is wrong

/** One request; resolves with its response, whose body is a stream. */
export function ask(url, { method = 'GET', headers = {}, body, ca, agent } = {}) {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ca, agent: agent ?? false }, resolve).on('error', reject)
    sent.end(body)
  })
}

/** One request and its whole answer. */
export async function exchange(url, options) {
  const response = await ask(url, options)
  let text = ''
  for await (const bytes of response.setEncoding('utf8')) text += bytes
  if (!response.complete) throw new Error('half an answer')
  return { status: response.statusCode, headers: response.headers, text }
}

/** Calls `once(offset, give)` until `count` messages were given; what it throws is a connection that was lost. */
async function resuming(from, count, once) {
  const messages = []
  let offset = from
  let lost = 0
  const give = (next, ...news) => {
    messages.push(...news)
    offset = next
  }
  while (messages.length < count) {
    try {
      await once(offset, give, () => messages.length >= count)
    } catch (cause) {
      if (++lost === LOST_MAX) throw new Error(`${messages.length} of ${count} messages came`, { cause })
      await pause(RETRY_MILLIS)
    }
  }
  return { messages, lost }
}

/** Reads `count` messages of a JSON channel by long-poll, or by catch-up once there is more than one answer. */
export function readByLongPoll(channel, from, count, options = {}) {
  return resuming(from, count, async (offset, give) => {
    const { status, headers, text } = await exchange(`${channel}?offset=${offset}&live=long-poll`, options)
    if (status === 200) give(headers['stream-next-offset'], ...JSON.parse(text))
    else if (status !== 204) throw new Error(`answered ${status}`)
  })
}

/** The same by plain event stream. */
export function readByEvents(channel, from, count, options = {}) {
  return resuming(from, count, async (offset, give, enough) => {
    const response = await ask(`${channel}?offset=${offset}`, { ...options, headers: { Accept: 'text/event-stream' } })
    if (response.statusCode !== 200) {
      response.destroy()
      throw new Error(`answered ${response.statusCode}`)
    }
    let text = ''
    for await (const bytes of response.setEncoding('utf8')) {
      text += bytes
      const events = text.split('\n\n')
      text = events.pop()
      for (const event of events) {
        const fields = Object.fromEntries(event.split('\n').map((line) => line.split(/: ?(.*)/s)))
        if (fields.data !== undefined) give(fields.id, JSON.parse(fields.data))
      }
      if (enough()) return
    }
    throw new Error('the stream ended')
  })
}

/** One connection of HTTP/2 to a server with TLS; `open(path, …)` asks on a stream of it and resolves once that is answered. */
export async function overHttp2(url, { ca }) {
  const session = http2.connect(url, { ca })
  session.on('error', () => {}) // streams are told
  await once(session, 'remoteSettings')
  const open = async (path, headers = {}, ends = true) => {
    const stream = session.request({ ':path': path, ...headers }, { endStream: ends })
    const [answer] = await once(stream, 'response')
    return { stream, status: answer[':status'] }
  }
  return {
    hasWebSockets: session.remoteSettings.enableConnectProtocol === true,
    open,
    /** A WebSocket (RFC 8441) that says `text`, up to 125 bytes; resolves with the first message that comes back. */
    async echo(path, text) {
      const fields = { ':method': 'CONNECT', ':protocol': 'websocket', 'sec-websocket-version': 13 }
      const { stream, status } = await open(path, fields, false)
      if (status !== 200) throw new Error(`answered ${status}`)
      stream.write(masked(text))
      return firstMessage(stream, Buffer.alloc(0))
    },
    /** The data of the next `count` events of a stream that was opened. */
    async events(stream, count) {
      const found = []
      let text = ''
      for await (const bytes of stream.setEncoding('utf8')) {
        text += bytes
        const lines = text.split('\n')
        text = lines.pop()
        for (const line of lines) if (line.startsWith('data:')) found.push(line.slice(5).trim())
        if (found.length >= count) return found
      }
      throw new Error('the stream ended')
    },
    close: () => session.destroy(),
  }
}

// With a mask of zeros.
function masked(text) {
  const payload = Buffer.from(text)
  if (payload.length > 125) throw new Error('too long for this small client')
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

async function firstMessage(stream, first) {
  let got = first
  const whole = () => {
    if (got.length < 2) return undefined
    const begin = got[1] < 126 ? 2 : 4
    const length = got[1] < 126 ? got[1] : got.length < 4 ? Infinity : got.readUInt16BE(2)
    return got.length >= begin + length ? got.subarray(begin, begin + length).toString() : undefined
  }
  if (whole() !== undefined) return whole()
  for await (const bytes of stream) {
    got = Buffer.concat([got, bytes])
    if (whole() !== undefined) return whole()
  }
  throw new Error('the WebSocket ended')
}

/** Opens a WebSocket and sends `text`; resolves with the first message that comes back, of up to 64 KB. */
export async function overWebSocket(url, text, { ca } = {}) {
  const key = randomBytes(16).toString('base64')
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': key }
  const { request } = url.startsWith('https:') ? https : http
  const [response, socket, first] = await new Promise((resolve, reject) => {
    request(url, { headers, ca, agent: false })
      .on('upgrade', (...all) => resolve(all))
      .on('response', (answer) => reject(new Error(`answered ${answer.statusCode}`)))
      .on('error', reject)
      .end()
  })
  if (response.headers['sec-websocket-accept'] !== accept) throw new Error('not the answer to this handshake')
  socket.write(masked(text))
  try {
    return await firstMessage(socket, first)
  } finally {
    socket.destroy()
  }
}
