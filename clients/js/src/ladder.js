// Which transport carries the reading (spec/clients.md, section 4): a state machine without clock, timer or socket.
// Each method is an event; it returns the commands that follow from it, and `wait` says when `tick` is due.
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
  #rungs
  #tries = new Map() // rung: since when, in the order tried
  #queue = [] // what the race under way has not tried yet
  #lastTry = 0
  #resting = true // whether `begin` is to come
  #climbing = false // whether the race under way began while something was in use
  #used
  #usedAt = 0
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

  get used() {
    return this.#used
  }

  /** When `tick` is due; undefined if it is not. */
  get wait() {
    const times = [...this.#tries.values()].map((since) => since + PROVE)
    if (this.#queue.length > 0) times.push(this.#lastTry + HEAD_START)
    if (!this.#stable) times.push(this.#usedAt + STABLE_MILLIS)
    if (this.#climbIsDue) times.push(this.#climbTime)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  begin(now) {
    if (this.#used || !this.#resting) return this.#done()
    this.#resting = false
    const { rung, at } = this.#remembered ?? {}
    const first = now - at < REMEMBER ? this.#rank(rung) : 0
    this.#race(now, [...this.#rungs.slice(first), ...this.#rungs.slice(0, first)])
    return this.#done()
  }

  proven(rung, now) {
    if (!this.#tries.delete(rung)) return this.#done()
    const before = this.#used
    this.#used = rung
    this.#resting = false
    this.#usedAt = now
    this.#stable = false
    this.#queue = []
    this.#say('use', rung)
    if (before) this.#say('drop', before)
    for (const lower of this.#tries.keys()) {
      if (this.#rank(lower) < this.#rank(rung)) continue
      this.#tries.delete(lower)
      this.#say('drop', lower)
    }
    if (rung === this.#rungs[0]) this.#climbAt = undefined
    this.#settle(now)
    return this.#done()
  }

  failed(rung, now) {
    if (this.#tries.delete(rung)) this.#next(now)
    return this.#done()
  }

  /** As `failed`, by the server's own word that it cannot now: the others need not ask. */
  busy(rung, now) {
    if (this.#tries.has(rung)) this.#queue = []
    return this.failed(rung, now)
  }

  /** @param {boolean} planned whether the server said that it would */
  ended(rung, now, planned = false) {
    if (rung !== this.#used) return this.failed(rung, now)
    this.#used = undefined
    this.#stable = true
    if (!planned) {
      this.#young[rung] = now - this.#usedAt < STABLE_MILLIS ? (this.#young[rung] ?? 0) + 1 : 0
      if (this.#young[rung] >= YOUNG_MAX) {
        this.#young[rung] = 0
        this.#shunned[rung] = now + SHUN
      }
    }
    this.#climbing = false
    this.#rest() // what is being tried goes on meanwhile
    return this.#done()
  }

  tick(now) {
    for (const [rung, since] of this.#tries) {
      if (now - since < PROVE) continue
      this.#tries.delete(rung)
      this.#say('drop', rung)
      this.#next(now)
    }
    if (this.#queue.length > 0 && now - this.#lastTry >= HEAD_START) this.#next(now)
    if (!this.#stable && now - this.#usedAt >= STABLE_MILLIS) {
      this.#stable = true
      this.#young[this.#used] = 0
      // Not by what climbing led to and did not hold.
      if (this.#remembered?.rung !== this.#used) this.#climbWait = CLIMB_FIRST
      this.#remembered = { rung: this.#used, at: now }
      this.#say('stable', this.#used)
    }
    if (this.#climbIsDue && now >= this.#climbTime) this.#climb(now)
    return this.#done()
  }

  networkChanged(now) {
    this.#remembered = undefined
    this.#shunned = {}
    this.#young = {}
    this.#climbWait = CLIMB_FIRST
    if (!this.#used) {
      if (!this.#resting) this.#queue = this.#untried(this.#rungs)
    } else if (this.#above().length > 0) this.#climb(now)
    return this.#done()
  }

  get #climbIsDue() {
    return this.#climbAt !== undefined && this.#used && this.#tries.size === 0
  }

  // Not before there is something above that is not shunned.
  get #climbTime() {
    return Math.max(this.#climbAt, Math.min(...this.#above().map((rung) => this.#shunned[rung] ?? 0)))
  }

  #climb(now) {
    this.#climbAt = undefined
    this.#climbing = true
    this.#race(now, this.#above().filter((rung) => !this.#isShunned(rung, now)))
  }

  #race(now, rungs) {
    const shunned = (rung) => this.#isShunned(rung, now)
    this.#queue = this.#untried([...rungs.filter((rung) => !shunned(rung)), ...rungs.filter(shunned)])
    this.#next(now)
  }

  // Tries the next; or, where none is left, that was the end of a race.
  #next(now) {
    const rung = this.#queue.shift()
    if (rung) {
      this.#tries.set(rung, now)
      this.#lastTry = now
      this.#say('try', rung)
    } else this.#settle(now)
  }

  #settle(now) {
    if (this.#tries.size > 0) return
    if (!this.#used) return this.#rest()
    if (this.#climbing) this.#climbWait = Math.min(CLIMB_MAX, this.#climbWait * 2)
    this.#climbing = false
    if (this.#above().length > 0) this.#climbAt ??= now + this.#climbWait
  }

  #rest() {
    if (!this.#resting) this.#say('retry')
    this.#resting = true
    this.#queue = []
  }

  #above() {
    return this.#rungs.slice(0, this.#rank(this.#used))
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

  #done() {
    return this.#commands.splice(0)
  }
}
