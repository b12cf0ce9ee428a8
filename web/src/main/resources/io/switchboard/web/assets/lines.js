// A line keeps one way to read open: it connects, and when the connection breaks it comes back where it stood.
import { Backoff, pause } from './backoff.js'
import { Refused } from './channel.js'

/**
 * What a line is doing.
 *
 * @typedef {{ kind: 'paused' | 'connecting' | 'live' | 'waiting' | 'unavailable' | 'ended', until?: number, reason?: string }} State
 */

export class Line {
  /** @type {State} */
  state = { kind: 'connecting' }
  #transport
  #options
  #position = {}
  #controller
  #alarm = new EventTarget()
  #onState

  /**
   * @param {(line: object) => Promise<never>} transport of transports.js
   * @param {{ name: string, channel: object, meter: object, origin: () => string | undefined, interval?: () => number }} options
   * @param {(state: State) => void} onState
   */
  constructor(transport, options, onState) {
    this.#transport = transport
    this.#options = options
    this.#onState = onState
  }

  /** @param {string} [offset] where to begin; without it, where it stopped */
  start(offset) {
    if (this.#controller !== undefined) return
    if (offset !== undefined) this.#position = { offset }
    this.#controller = new AbortController()
    this.#options.meter.begin()
    this.#run(this.#controller.signal)
  }

  stop() {
    this.#controller?.abort()
    this.#controller = undefined
    if (this.state.kind !== 'ended') this.#become({ kind: 'paused' })
  }

  /** Connects anew, from where it stands: the way to the server is another one. */
  restart() {
    if (this.#controller === undefined || this.state.kind === 'ended') return
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#options.meter.broke()
    this.#run(this.#controller.signal)
  }

  /** There is nothing to read, and there will not be. */
  end(reason) {
    this.#become({ kind: 'ended', reason })
  }

  /** Tries at once what it waits to do. */
  wake() {
    this.#alarm.dispatchEvent(new Event('ring'))
  }

  async #run(signal) {
    const backoff = new Backoff()
    const { channel, origin, meter, interval, name } = this.#options
    while (!signal.aborted) {
      // What is not there stays so on the screen until it is: attempts would only flicker.
      if (this.state.kind !== 'unavailable') this.#become({ kind: 'connecting' })
      let liveAt
      const live = () => {
        if (signal.aborted || liveAt !== undefined) return
        liveAt = performance.now()
        this.#become({ kind: 'live' })
      }
      const line = { name, channel, origin, meter, interval, position: this.#position, signal, live, alarm: this.#alarm }
      const broken = await this.#transport(line).catch((reason) => reason)
      if (signal.aborted) return
      meter.broke()
      if (broken instanceof Refused) {
        this.end(broken.message)
        return
      }
      if (liveAt !== undefined) backoff.lasted(performance.now() - liveAt)
      const millis = Math.max(backoff.next(), broken.retryAfterMillis || 0)
      const kind = broken.unavailable ? 'unavailable' : 'waiting'
      this.#become({ kind, until: performance.now() + millis, reason: broken.message })
      await pause(millis, signal, this.#alarm).catch(() => undefined)
    }
  }

  #become(state) {
    this.state = state
    this.#onState(state)
  }
}
