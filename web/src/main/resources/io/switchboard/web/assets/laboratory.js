// The lab behind the page: viewers, and a relay with a network of one's choice. Tells the server what is wished for, and
// looks what became of it; the server ends it all when nobody looks for a minute.
const PATH = '/v1/lab'
const LOOK_MILLIS = 500
const REST_MILLIS = 5_000
const ANSWER_MILLIS_MAX = 10_000

/** @typedef {{ relay: boolean, delayMillis: number, lossPercent: number, stripUpgrade: boolean, plugged: boolean, viewers: number, carrier: string, pollMillis: number, channel: string }} Wish */

/** Dispatches "changed" after each look, and "adopted" when another page, or another start of the server, had its way. */
export class Laboratory extends EventTarget {
  /** What the server said last; undefined while it says nothing. */
  state = undefined
  /** Why there is no lab, or why a wish was refused; undefined if all is well. */
  trouble = undefined
  #credentials
  #wish
  #sending
  #unsent
  #changes = 0
  #looks = 0
  #timer
  #running = false

  /**
   * @param {object} credentials
   * @param {Wish} wish to begin with: nothing that needs a process
   */
  constructor(credentials, wish) {
    super()
    this.#credentials = credentials
    this.#wish = wish
  }

  /** @type {Wish} */
  get wish() {
    return this.#wish
  }

  get available() {
    return this.state?.available === true
  }

  /** The relay's figures for a carrier; undefined while there is no relay. */
  door(carrier) {
    return this.#wish.relay ? this.state?.figures?.relay?.[carrier] : undefined
  }

  /** Where a carrier reads through the relay; undefined while there is none. */
  origin(carrier) {
    const door = this.door(carrier)
    return door === undefined ? undefined : `http://127.0.0.1:${door.port}`
  }

  /** Looks from now on; resolves after the first look. */
  start() {
    if (this.#running) return Promise.resolve()
    this.#running = true
    return this.#turn(++this.#looks)
  }

  stop() {
    this.#running = false
    clearTimeout(this.#timer)
  }

  /** Leaves nothing behind; also as the page goes. */
  leave() {
    this.stop()
    const idle = this.#wish.viewers === 0 && this.#wish.delayMillis === 0 && this.#wish.lossPercent === 0
    if (!this.available || (idle && this.#wish.plugged && !this.#wish.stripUpgrade)) return
    const nothing = { relay: this.#wish.relay, channel: this.#wish.channel }
    this.#tell('POST', nothing, { keepalive: true }).catch(() => undefined)
  }

  /** Wishes for something else than before; what `change` does not name stays. */
  change(change) {
    this.#wish = { ...this.#wish, ...change }
    this.#changes++
    return this.available ? this.#send(change) : Promise.resolve()
  }

  // One wish at a time, and all that was wished for meanwhile next. Only what is to become another is sent: the rest may
  // be as another page wished.
  async #send(change) {
    this.#unsent = { ...this.#unsent, ...change }
    if (this.#sending !== undefined) return this.#sending
    this.#sending = (async () => {
      while (this.#unsent !== undefined) {
        const unsent = this.#unsent
        this.#unsent = undefined
        await this.#take(() => this.#tell('PATCH', unsent))
      }
    })().finally(() => (this.#sending = undefined))
    return this.#sending
  }

  #tell(method, wish, options = {}) {
    return this.#credentials.fetch(PATH, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(wish),
      signal: AbortSignal.timeout(ANSWER_MILLIS_MAX),
      ...options,
    })
  }

  async #turn(look) {
    await this.#take(() =>
      this.#credentials.fetch(PATH, { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MILLIS_MAX) }),
    )
    // Where there is no lab, there will be none.
    if (!this.#running || look !== this.#looks || this.state?.available === false) return
    const resting = this.state?.stage === 'resting' || this.state?.stage === 'failed'
    this.#timer = setTimeout(() => this.#turn(look), resting ? REST_MILLIS : LOOK_MILLIS)
  }

  async #take(ask) {
    const changes = this.#changes
    try {
      const answer = await ask()
      const said = await answer.json()
      if (answer.ok) {
        this.state = said
        this.trouble = said.available === false ? said.because : undefined
        // An answer that was on its way before the last wish knows nothing of it.
        if (this.#sending === undefined && changes === this.#changes) this.#compare()
      } else if (answer.status === 400) {
        this.trouble = said.detail
      } else {
        this.state = { available: false }
        this.trouble = said.detail
      }
    } catch {
      this.state = undefined // what the server does not say is not known
    }
    this.dispatchEvent(new Event('changed'))
  }

  #compare() {
    const { stage, wish } = this.state
    if (!this.available) return
    if (stage === 'resting' && (this.#wish.relay || this.#wish.viewers > 0)) {
      this.#send(this.#wish) // the server was started again, or had forgotten us
    } else if (stage === 'failed') {
      this.trouble = 'The process behind the lab has ended; the server’s log says why. Change something to try again.'
    } else if (stage === 'running' && Object.keys(wish).some((name) => wish[name] !== this.#wish[name])) {
      this.#wish = wish
      this.dispatchEvent(new Event('adopted'))
    }
  }
}
