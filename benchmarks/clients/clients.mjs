// Many WebSocket clients in one process: a socket and a handshake by hand each, and the waits of our JavaScript client.
import { connect } from 'node:net'
import { STABLE_MILLIS, delay } from '../../clients/js/src/backoff.js'

const PROVE_MILLIS = 10_000 // as the ladder of spec/clients.md
const HEAD_BYTES_MAX = 16_384
const PLANNED = [1001, 1012]
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/** One client of a channel, which comes back by spec/clients.md, section 3, as long as it is not closed. */
export class Client {
  #how
  #socket
  #taken // what came and is not looked at yet
  #isUpgraded
  #isProven
  #isPlanned
  #comesBackAt
  #attempt = 0
  #timer
  #isClosed = false

  /**
   * @param {{ port: number, path: string, line: boolean, channel: string, random: () => number,
   *   trying: (due: number) => void, up: () => void, down: () => void }} how `line`: whether it speaks switchboard.v1;
   *   `due`: when by `performance.now()` the wait was over, which a busy process notices late
   */
  constructor(how) {
    this.#how = how
  }

  open(due = performance.now()) {
    const { port, path, line, trying } = this.#how
    trying(due)
    this.#taken = Buffer.alloc(0)
    this.#isUpgraded = this.#isProven = this.#isPlanned = false
    this.#comesBackAt = undefined
    const socket = (this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }))
    this.#after(PROVE_MILLIS, () => socket.destroy())
    socket.on('connect', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
          (line ? 'Sec-WebSocket-Protocol: switchboard.v1\r\n\r\n' : '\r\n'),
      ),
    )
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('error', () => {}) // a close follows
    socket.on('close', () => this.#over())
  }

  close() {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket?.destroy() // not resetAndDestroy: Node.js 20 keeps the descriptor then
  }

  #over() {
    if (this.#isClosed) return
    const wasProven = this.#isProven
    this.#isProven = false
    if (wasProven) this.#how.down()
    if (this.#isPlanned) this.#attempt = 0
    const told = this.#comesBackAt && { millis: Math.max(0, this.#comesBackAt - performance.now()) }
    const millis = delay(this.#attempt++, this.#how.random(), told)
    const due = performance.now() + millis
    this.#after(millis, () => this.open(due))
  }

  #proven() {
    this.#isProven = true
    this.#after(STABLE_MILLIS, () => (this.#attempt = 0))
    this.#how.up()
  }

  #take(bytes) {
    this.#taken = this.#taken.length > 0 ? Buffer.concat([this.#taken, bytes]) : bytes
    if (!this.#isUpgraded && !this.#takeHead()) return
    while (this.#takeFrame()) continue
  }

  #takeHead() {
    const end = this.#taken.indexOf('\r\n\r\n')
    if (end < 0 && this.#taken.length < HEAD_BYTES_MAX) return false
    if (!this.#taken.subarray(0, 13).equals(Buffer.from('HTTP/1.1 101 '))) {
      this.#socket.destroy()
      return false
    }
    this.#isUpgraded = true
    this.#taken = this.#taken.subarray(end + 4)
    // A line has proven itself by its first reply, a plain channel by its handshake: it may have nothing to say.
    if (!this.#how.line) this.#proven()
    else this.#send(TEXT, Buffer.from(JSON.stringify({ id: 1, action: 'subscribe', channel: this.#how.channel })))
    return true
  }

  // The server's frames here are short: no message is published.
  #takeFrame() {
    const taken = this.#taken
    if (taken.length < 2) return false
    const isLong = taken[1] === 126
    const start = isLong ? 4 : 2
    if (taken[1] > 126) throw new Error('The server sent a frame longer than any that was asked for.')
    if (taken.length < start) return false
    const end = start + (isLong ? taken.readUInt16BE(2) : taken[1])
    if (taken.length < end) return false
    this.#taken = taken.subarray(end)
    this.#frame(taken[0] & 15, taken.subarray(start, end))
    return true
  }

  #frame(opcode, payload) {
    if (opcode === PING) this.#send(PONG, payload)
    else if (opcode === CLOSE) {
      this.#isPlanned = payload.length >= 2 && PLANNED.includes(payload.readUInt16BE(0))
      this.#send(CLOSE, payload.subarray(0, 2))
      this.#socket.end()
    } else if (opcode === TEXT && this.#how.line) {
      const message = JSON.parse(payload.toString())
      if (message.reply === 1 && message.ok) this.#proven()
      else if (message.event === 'reconnect') this.#comesBackAt = performance.now() + message.after * 1_000
    }
  }

  // Masked with zeros, which leaves the payload as it is.
  #send(opcode, payload) {
    const mask = Buffer.alloc(4)
    this.#socket.write(Buffer.concat([Buffer.from([128 | opcode, 128 | payload.length]), mask, payload]))
  }

  #after(millis, what) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(what, millis)
  }
}
