// Appends ticks to the channel at a chosen rate, each once: a retry repeats its request under the same number.
import { Backoff, pause } from './backoff.js'
import { keyOf, Refused } from './channel.js'
import { Unauthorized } from './credentials.js'
import { now } from './meter.js'

const POST_MILLIS_MAX = 10_000
const RECENT_MILLIS = 10_000
const LATE_MILLIS = 250
const BATCH_MAX = 100
const SENT_MAX = 12_000
const BYTES_MAX = 500_000_000
const TOO_MUCH =
  'This page has published 500 MB, which lie in the channel until nobody has used it for an hour. Publish goes on.'

export class Publisher {
  published = 0
  /** Why the last append did not work; undefined if it did. */
  trouble = undefined
  /** @type {number} messages a second */
  rate
  /** @type {number} bytes of a message, if it can be so few */
  size = 0
  /** The last messages that were stored, oldest first. @type {{ page: string, n: number, at: number }[]} */
  sent = []
  #channel
  #onRun
  #run
  #next = 0
  #appends = 0
  #batch
  #bytes = 0
  #controller
  #ended = Promise.resolve()
  #alarm = new EventTarget()
  #recent = []

  /**
   * @param {object} channel
   * @param {number} rate
   * @param {(run: string) => void} onRun told the name that messages carry from now on; their numbers begin at 0
   */
  constructor(channel, rate, onRun) {
    this.#channel = channel
    this.rate = rate
    this.#onRun = onRun
    this.#begin()
  }

  get running() {
    return this.#controller !== undefined
  }

  start() {
    if (this.running) return
    this.#controller = new AbortController()
    const { signal } = this.#controller
    // One at a time: what was paused may still wait for the answer to its last message.
    this.#ended = this.#ended.then(() => this.#publish(signal))
  }

  stop() {
    this.#controller?.abort()
    this.#controller = undefined
    this.#recent = []
  }

  setRate(rate) {
    this.rate = rate
    this.#recent = []
    this.#alarm.dispatchEvent(new Event('ring'))
  }

  /** The server answers again: tries at once what it waits to try. */
  wake() {
    if (this.trouble !== undefined) this.#alarm.dispatchEvent(new Event('ring'))
  }

  /** Messages a second as they really went out; undefined until there were enough to say. */
  measuredRate() {
    const oldest = now() - RECENT_MILLIS
    while (this.#recent[0] < oldest) this.#recent.shift()
    const spanMillis = this.#recent.at(-1) - this.#recent[0]
    return this.#recent.length > 2 ? ((this.#recent.length - 1) * 1_000) / spanMillis : undefined
  }

  // A channel that lost messages or was made anew knows nothing of our numbers: we become somebody else.
  #begin() {
    const random = crypto.getRandomValues(new Uint32Array(1))[0]
    this.#run = random.toString(36).padStart(7, '0')
    this.#next = 0
    this.#appends = 0
    this.#batch = undefined
    this.#onRun(this.#run)
  }

  async #publish(signal) {
    const backoff = new Backoff()
    let due = performance.now()
    while (!signal.aborted) {
      try {
        if (this.#batch === undefined) {
          const every = 1_000 / this.rate
          // What was not sent in time is left out: a page that fell behind does not catch up in a burst.
          due = Math.max(Math.min(due, performance.now() + every), performance.now() - LATE_MILLIS)
          if (due > performance.now()) {
            await pause(due - performance.now(), signal, this.#alarm)
            continue
          }
          let count = 0
          for (; due <= performance.now(); due += every) count++
          this.#batch = this.#make(Math.min(count, BATCH_MAX))
        }
        await this.#append(this.#batch)
        this.trouble = undefined
        backoff.lasted(Infinity)
      } catch (reason) {
        if (signal.aborted) return
        this.trouble = reason.message
        if (reason instanceof Refused) {
          this.stop()
          return
        }
        await pause(backoff.next(), signal, this.#alarm).catch(() => undefined)
      }
    }
  }

  // Messages that are due at once go in one request, each a message of its own.
  #make(count) {
    const at = now()
    return Array.from({ length: count }, () => {
      const message = { page: this.#run, n: this.#next++, t: Number(at.toFixed(1)) }
      const left = this.size - JSON.stringify(message).length - ',"x":""'.length
      return left < 0 ? message : { ...message, x: 'x'.repeat(left) }
    })
  }

  // Not aborted when the visitor pauses: a batch is either sent or not, and its numbers must stay true.
  async #append(batch) {
    const body = JSON.stringify(batch)
    if (this.#bytes + body.length > BYTES_MAX) {
      this.#bytes = 0
      throw new Refused(TOO_MUCH)
    }
    const response = await this.#channel.credentials.fetch(this.#channel.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Producer-Id': this.#run,
        'Producer-Epoch': '0',
        'Producer-Seq': String(this.#appends),
      },
      body,
      signal: AbortSignal.timeout(POST_MILLIS_MAX),
    }).catch((reason) => {
      if (reason instanceof Unauthorized) throw reason
      throw new Error('The server does not answer.')
    })
    if (response.ok) {
      this.#batch = undefined
      this.#appends++
      this.#bytes += body.length
      this.published += batch.length
      for (const { page, n, t } of batch) this.sent.push({ page, n, at: t })
      if (this.sent.length > SENT_MAX) this.sent.splice(0, this.sent.length - SENT_MAX)
      for (let i = 0; i < batch.length; i++) this.#recent.push(now())
      // 204 answers a repetition, and names the end of the channel instead of this message's place.
      const offset = response.headers.get('Stream-Next-Offset')
      if (response.status === 200 && offset !== null) this.#channel.learn(keyOf(batch.at(-1)), offset)
      return
    }
    const problem = await response.json().catch(() => ({}))
    const sentence = problem.detail ?? `The server answered ${response.status}.`
    if (response.status === 409 && problem.reason === 'closed') throw new Refused(sentence)
    // Another producer of this name tells its epoch; else it is the token that does not allow this.
    if (response.status === 403 && !response.headers.has('Producer-Epoch')) throw new Refused(sentence)
    if (response.status === 404) await this.#channel.create()
    if ([400, 403, 404, 409].includes(response.status)) this.#begin()
    throw new Error(sentence)
  }
}
