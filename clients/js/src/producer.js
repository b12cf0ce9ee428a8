// What is published on one channel, in order and each message once (spec/clients.md, section 6): a state machine without
// clock, timer or socket. Each method is an event; it returns the commands that follow from it, and `wait` says when
// `tick` is due. A publication is one message, or some that belong together.
import { delay } from './backoff.js'

const BATCH_MESSAGES_MAX = 1_000
const BATCH_BYTES_MAX = 256 * 1_024
const WAITING_MESSAGES_MAX = 10_000
const WAITING_BYTES_MAX = 8 * 1_024 * 1_024
const NAMES = 5_000
const PASSING = ['too_many', 'unavailable', 'internal', 'request_timeout']

export class Producer {
  #name
  #epoch
  #seq
  #joins // how many publications may go together
  #timeout
  #waiting = []
  #messages = 0 // of all that is not done
  #bytes = 0
  #flight // publications of the append under way
  #uncertain = false // whether it may be stored already
  #attempt = 0
  #retryAt
  #batchBytes = BATCH_BYTES_MAX
  #commands = []

  /**
   * @param {{ random: number, now: number, joins: boolean, timeout: number }} options joins: whether one append may
   *   have several messages
   */
  constructor({ random, now, joins, timeout }) {
    this.#introduce(random, now)
    this.#joins = joins
    this.#timeout = timeout
  }

  /** When `tick` is due; undefined if it is not. */
  get wait() {
    const times = [...(this.#flight ?? []), ...this.#waiting.slice(0, 1)].filter((each) => !each.over).map(({ end }) => end)
    if (this.#retryAt !== undefined) times.push(this.#retryAt)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** @param {*} id what the commands call it */
  publish(id, messages, bytes, now) {
    if (this.#messages + messages > WAITING_MESSAGES_MAX || this.#bytes + bytes > WAITING_BYTES_MAX) {
      this.#say('fail', [id], 'too_many')
    } else {
      this.#messages += messages
      this.#bytes += bytes
      this.#waiting.push({ id, messages, bytes, end: now + this.#timeout })
      this.#next()
    }
    return this.#done()
  }

  stored() {
    if (this.#isOut) {
      this.#seq++
      this.#finish('done')
      this.#next()
    }
    return this.#done()
  }

  /** Whether it was stored is not known. */
  unanswered(random, now) {
    if (this.#isOut) this.#again(true, random, undefined, now)
    return this.#done()
  }

  /**
   * @param {{ code: string, reason?: string, currentEpoch?: number, producersMax?: number }} error
   * @param {{ millis?: number, seconds?: number }} [told] when to come back
   */
  refused(error, random, now, told) {
    if (!this.#isOut) return this.#done()
    const { code, reason, currentEpoch } = error
    if (PASSING.includes(code) && error.producersMax === undefined) {
      this.#again(code !== 'too_many', random, told, now)
    } else if (reason === 'sequence_gap' && this.#seq > 0) {
      // The server has lost what it knew of this producer, and so it has not stored this one.
      this.#anew()
      this.#send()
    } else if (currentEpoch !== undefined) {
      // Another client has the same name.
      const unknown = this.#uncertain
      if (unknown) this.#finish('fail', 'unknown')
      this.#introduce(random, now, currentEpoch + 1)
      if (unknown) this.#next()
      else this.#send()
    } else if (code === 'too_large' && this.#flight.length > 1 && !this.#uncertain) {
      this.#batchBytes = Math.floor(this.#flight.reduce((sum, { bytes }) => sum + bytes, 0) / 2)
      this.#waiting.unshift(...this.#flight.filter((each) => !each.over))
      this.#flight = undefined
      this.#next()
    } else {
      if (this.#uncertain) this.#anew()
      this.#finish('fail', code)
      this.#next()
    }
    return this.#done()
  }

  tick(now) {
    for (const each of this.#flight ?? []) {
      if (each.over || each.end > now) continue
      // It stays in its append, if there are others in it.
      each.over = true
      this.#end([each], 'fail', this.#isOut || this.#uncertain ? 'unknown' : 'timeout')
    }
    if (this.#flight?.every((each) => each.over)) {
      // Should it arrive after all, it comes from an epoch that is over.
      if (this.#isOut || this.#uncertain) this.#anew()
      this.#land()
    }
    while (this.#waiting[0]?.end <= now) this.#end([this.#waiting.shift()], 'fail', 'timeout')
    if (this.#retryAt <= now) this.#send()
    this.#next()
    return this.#done()
  }

  /** Nothing more is sent. */
  close(code) {
    if (this.#flight) this.#finish('fail', this.#isOut || this.#uncertain ? 'unknown' : code)
    if (this.#waiting.length > 0) this.#end(this.#waiting.splice(0), 'fail', code)
    return this.#done()
  }

  get #isOut() {
    return this.#flight !== undefined && this.#retryAt === undefined
  }

  #next() {
    if (this.#flight || this.#waiting.length === 0) return
    let messages = 0
    let bytes = 0
    const fits = (each) =>
      this.#joins && messages + each.messages <= BATCH_MESSAGES_MAX && bytes + each.bytes <= this.#batchBytes
    this.#flight = []
    do {
      const each = this.#waiting.shift()
      messages += each.messages
      bytes += each.bytes
      this.#flight.push(each)
    } while (this.#waiting.length > 0 && fits(this.#waiting[0]))
    this.#send()
  }

  #send() {
    this.#retryAt = undefined
    const ids = this.#flight.map(({ id }) => id)
    this.#say('send', { producer: this.#name, epoch: this.#epoch, seq: this.#seq, ids })
  }

  #again(uncertain, random, told, now) {
    this.#uncertain ||= uncertain
    this.#retryAt = now + delay(this.#attempt++, random, told)
  }

  // A channel remembers its producers as long as it lives, and only so many of them: so there are only so many names.
  #introduce(random, now, least = 0) {
    const chance = random * NAMES
    this.#name = `client-${Math.floor(chance)}`
    this.#anew(Math.max(now * 1_000 + Math.floor((chance % 1) * 1_000), least))
  }

  #anew(epoch = this.#epoch + 1) {
    this.#epoch = epoch
    this.#seq = 0
    this.#uncertain = false
  }

  #finish(outcome, ...code) {
    this.#end(this.#flight.filter((each) => !each.over), outcome, ...code)
    this.#land()
  }

  #land() {
    this.#flight = undefined
    this.#retryAt = undefined
    this.#uncertain = false
    this.#attempt = 0
  }

  #end(all, outcome, ...code) {
    for (const { messages, bytes } of all) {
      this.#messages -= messages
      this.#bytes -= bytes
    }
    this.#say(outcome, all.map(({ id }) => id), ...code)
  }

  #say(...command) {
    this.#commands.push(command)
  }

  #done() {
    return this.#commands.splice(0)
  }
}
