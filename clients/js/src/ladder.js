// Which transport carries the reading (spec/clients.md, section 4): a state machine without clock, timer or socket.
// `on` takes an event and returns the commands that follow from it, and `wait` says when `tick` is due.
import { STABLE_MILLIS } from './backoff.js'

export const RUNGS = ['websocket', 'sse', 'long-poll', 'polling']

const HEAD_START = 1_500
const PROVE = 10_000
const CLIMB_FIRST = 30_000
const CLIMB_MAX = 600_000
const REMEMBER = 600_000
const YOUNG_MAX = 3
const SHUN = 60_000

export class Ladder {
  /** What carries the reading, if anything does. */
  used
  #rungs
  #tries = new Map() // rung: since when, in the order tried
  #queue = [] // what the race under way has not tried yet
  #lastTry = 0
  #resting = true // whether `begin` is to come
  #climbing = false // whether the race under way began while something was in use
  /** When something was used last; 0 if nothing was. */
  usedAt = 0
  #stable = true
  #climbAt
  #climbWait = CLIMB_FIRST
  #young = {} // rung: how many times in a row it ended young
  #shunned = {} // rung: until when
  #remembered
  #commands = []

  /**
   * @param {string[]} rungs that are allowed, best first
   * @param {{ rung: string, at: number }} [remembered]
   */
  constructor(rungs, remembered) {
    this.#rungs = rungs
    this.#remembered = remembered
  }

  /** When `tick` is due; undefined if it is not. */
  get wait() {
    const times = [...this.#tries.values()].map((since) => since + PROVE)
    if (this.#queue.length) times.push(this.#lastTry + HEAD_START)
    if (!this.#stable) times.push(this.usedAt + STABLE_MILLIS)
    if (this.#climbTime) times.push(this.#climbTime)
    return times.length ? Math.min(...times) : undefined
  }

  /** @param {'begin' | 'proven' | 'failed' | 'busy' | 'ended' | 'tick' | 'networkChanged'} event */
  on(event, now, rung, planned) {
    this[event](now, rung, planned)
    return this.#commands.splice(0)
  }

  begin(now) {
    if (this.used || !this.#resting) return
    this.#resting = false
    const { rung, at } = this.#remembered ?? {}
    const first = now - at < REMEMBER ? this.#rank(rung) : 0
    this.#race(now, [...this.#rungs.slice(first), ...this.#rungs.slice(0, first)])
  }

  proven(now, rung) {
    if (!this.#tries.delete(rung)) return
    const before = this.used
    this.used = rung
    this.#resting = false
    this.usedAt = now
    this.#stable = false
    this.#queue = []
    this.#say('use', rung)
    if (before) this.#say('drop', before)
    for (const lower of this.#tries.keys()) if (this.#rank(lower) >= this.#rank(rung)) this.#drop(lower)
    if (rung === this.#rungs[0]) this.#climbAt = undefined
    this.#settle(now)
  }

  failed(now, rung) {
    if (this.#tries.delete(rung)) this.#next(now)
  }

  /** As `failed`, by the server's own word that it cannot now: the others need not ask. */
  busy(now, rung) {
    if (this.#tries.has(rung)) this.#queue = []
    this.failed(now, rung)
  }

  /** @param {boolean} planned whether the server said that it would */
  ended(now, rung, planned) {
    if (rung !== this.used) return this.failed(now, rung)
    this.used = undefined
    this.#stable = true
    if (!planned) {
      this.#young[rung] = now - this.usedAt < STABLE_MILLIS ? (this.#young[rung] ?? 0) + 1 : 0
      if (this.#young[rung] >= YOUNG_MAX) {
        this.#young[rung] = 0
        this.#shunned[rung] = now + SHUN
      }
    }
    this.#climbing = false
    this.#rest() // what is being tried goes on meanwhile
  }

  tick(now) {
    for (const [rung, since] of this.#tries) {
      if (now - since < PROVE) continue
      this.#drop(rung)
      this.#next(now)
    }
    if (this.#queue.length && now - this.#lastTry >= HEAD_START) this.#next(now)
    if (!this.#stable && now - this.usedAt >= STABLE_MILLIS) {
      this.#stable = true
      this.#young[this.used] = 0
      // Not by what climbing led to and did not hold.
      if (this.#remembered?.rung !== this.used) this.#climbWait = CLIMB_FIRST
      this.#remembered = { rung: this.used, at: now }
      this.#say('stable', this.used)
    }
    if (now >= this.#climbTime) this.#climb(now)
  }

  networkChanged(now) {
    this.#remembered = undefined
    this.#shunned = {}
    this.#young = {}
    this.#climbWait = CLIMB_FIRST
    if (this.used) this.#climb(now)
    else if (!this.#resting) this.#queue = this.#untried(this.#rungs)
  }

  // When to climb: not before there is something above that is not shunned. Undefined if it is not to come.
  get #climbTime() {
    if (!this.#climbAt || !this.used || this.#tries.size) return undefined
    return Math.max(this.#climbAt, Math.min(...this.#above.map((rung) => this.#shunned[rung] ?? 0)))
  }

  #climb(now) {
    if (!this.#above.length) return
    this.#climbAt = undefined
    this.#climbing = true
    this.#race(now, this.#above.filter((rung) => !this.#isShunned(rung, now)))
  }

  #race(now, rungs) {
    this.#queue = this.#untried(rungs).sort((a, b) => this.#isShunned(a, now) - this.#isShunned(b, now))
    this.#next(now)
  }

  // Tries the next; or, where none is left, that was the end of a race.
  #next(now) {
    const rung = this.#queue.shift()
    if (!rung) return this.#settle(now)
    this.#tries.set(rung, now)
    this.#lastTry = now
    this.#say('try', rung)
  }

  #settle(now) {
    if (this.#tries.size) return
    if (!this.used) return this.#rest()
    if (this.#climbing) this.#climbWait = Math.min(CLIMB_MAX, this.#climbWait * 2)
    this.#climbing = false
    if (this.#above.length) this.#climbAt ??= now + this.#climbWait
  }

  #rest() {
    if (!this.#resting) this.#say('retry')
    this.#resting = true
    this.#queue = []
  }

  #drop(rung) {
    this.#tries.delete(rung)
    this.#say('drop', rung)
  }

  get #above() {
    return this.#rungs.slice(0, this.#rank(this.used))
  }

  #untried(rungs) {
    return rungs.filter((rung) => !this.#tries.has(rung))
  }

  #rank(rung) {
    return Math.max(0, this.#rungs.indexOf(rung))
  }

  #isShunned(rung, now) {
    return this.#shunned[rung] > now
  }

  #say(...command) {
    this.#commands.push(command)
  }
}
