// A TCP proxy that does to connections what networks do, by a seed: it delays, cuts, half-closes and swallows, in either
// direction. It corrupts nothing and reorders nothing within a connection. Beside it, on the same port number, one of UDP that
// loses packets.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const REFUSED_MILLIS = 500

/** Numbers from [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * What befalls a connection, each by its own chance, after up to `bytesMax` in one direction: cut (reset), half-close
 * (its end arrives, the other direction goes on), swallow (bytes vanish from there on, in both directions, and nobody is told).
 * Every piece is delayed by up to `delayMillis`, or by up to `stallMillis` with the chance `stall`. Of UDP each packet is lost by
 * the chance `loss`, each way.
 */
export const WILD = { delayMillis: 15, stall: 0.01, stallMillis: 1_500, cut: 0.35, half: 0.15, swallow: 0.1, bytesMax: 30_000, loss: 0.1 }
export const CALM = { delayMillis: 0, stall: 0, stallMillis: 0, cut: 0, half: 0, swallow: 0, bytesMax: 1, loss: 0 }

export class Chaos {
  #server
  #random
  #to
  #pairs = new Set()
  #datagrams // undefined without UDP
  #flows = new Map() // where a client of UDP is: the socket that the server knows it by
  #refusing = false
  counts = { connections: 0, cut: 0, half: 0, swallow: 0, lost: 0 }
  /** Set at any time; holds for connections to come, and for all packets of UDP. */
  weather = CALM

  /** @param {{ to: () => number, seed: number, udp?: boolean }} options to: the port that the next connection leads to */
  static async start({ to, seed, udp = false }) {
    const chaos = new Chaos()
    chaos.#to = to
    chaos.#random = randomOf(seed)
    chaos.#server = createServer({ allowHalfOpen: true }, (socket) => chaos.#accept(socket)).listen(0, '127.0.0.1')
    await once(chaos.#server, 'listening')
    const { port } = chaos.#server.address()
    chaos.url = `http://127.0.0.1:${port}`
    if (udp) await chaos.#openDatagrams(port)
    return chaos
  }

  async #openDatagrams(port) {
    this.#datagrams = createSocket('udp4', (packet, from) => this.#lose() || this.#flow(from).send(packet))
    this.#datagrams.bind(port, '127.0.0.1')
    await once(this.#datagrams, 'listening')
  }

  #lose() {
    const loses = this.#random() < this.weather.loss
    if (loses) this.counts.lost++
    return loses
  }

  #flow({ address, port }) {
    const from = `${address} ${port}`
    if (!this.#flows.has(from)) {
      const flow = createSocket('udp4', (packet) => this.#lose() || this.#datagrams.send(packet, port, address))
      const waiting = []
      const held = { send: (packet) => waiting.push(packet), close: () => flow.close() }
      flow.on('error', () => this.#refuse())
      flow.connect(this.#to(), '127.0.0.1', () => {
        held.send = (packet) => flow.send(packet)
        waiting.forEach(held.send)
      })
      this.#flows.set(from, held)
    }
    return this.#flows.get(from)
  }

  // The server's port is nobody's: then this one is not either, for a moment, and the kernel says so to those who send.
  async #refuse() {
    if (this.#refusing || !this.#server.listening) return
    const { port } = this.#server.address()
    this.#refusing = true
    this.#dropFlows()
    this.#datagrams.close()
    await pause(REFUSED_MILLIS)
    if (this.#server.listening) await this.#openDatagrams(port)
    this.#refusing = false
  }

  #dropFlows() {
    for (const flow of this.#flows.values()) flow.close()
    this.#flows.clear()
  }

  #accept(near) {
    this.counts.connections++
    const far = connect({ port: this.#to(), host: '127.0.0.1', allowHalfOpen: true })
    const pair = { near, far, swallowed: false }
    this.#pairs.add(pair)
    const end = () => {
      near.destroy()
      far.destroy()
      this.#pairs.delete(pair)
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    // All that chance says of this connection is said now, so that it does not hang on how bytes come in pieces.
    const fate = this.#fate()
    this.#carry(pair, near, far, fate.up, end)
    this.#carry(pair, far, near, fate.down, end)
  }

  #fate() {
    const { weather } = this
    const happens = Object.keys(this.counts).find((what) => weather[what] && this.#random() < weather[what])
    const at = Math.floor(this.#random() * weather.bytesMax)
    const down = this.#random() < 0.7
    const way = (mine) => ({ weather, happens: mine ? happens : undefined, at, random: randomOf(this.#random() * 2 ** 32) })
    return { up: way(!down), down: way(down) }
  }

  async #carry(pair, from, to, { weather, happens, at, random }, end) {
    let bytes = 0
    try {
      for await (const piece of from) {
        const delay = random() * (random() < weather.stall ? weather.stallMillis : weather.delayMillis)
        if (delay >= 1) await new Promise((resolve) => setTimeout(resolve, delay))
        if (pair.swallowed) continue
        const fits = happens && bytes + piece.length > at ? piece.subarray(0, Math.max(0, at - bytes)) : piece
        bytes += piece.length
        if (fits.length > 0 && !to.destroyed && to.writable && !to.write(fits)) await once(to, 'drain')
        if (fits === piece) continue
        this.counts[happens]++
        if (happens === 'swallow') pair.swallowed = true
        else if (happens === 'half') to.end()
        else from.resetAndDestroy()
        if (happens !== 'swallow') return happens === 'cut' ? end() : from.resume()
      }
      if (!pair.swallowed) to.end()
    } catch {
      end()
    }
  }

  /** Ends all connections of TCP there are. */
  cutAll() {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  async stop() {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cutAll()
    this.#dropFlows()
    if (!this.#refusing) this.#datagrams?.close()
    await closed
  }
}
