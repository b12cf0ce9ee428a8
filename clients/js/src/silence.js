// Notices from here that nothing comes any more: the server says something at least every `heartbeat`.

const LATE_MILLIS = 5_000
const DEAD_MILLIS = 10_000

export class Silence {
  #heartbeat
  #late
  #dead
  #timer

  /**
   * @param {number} heartbeat in milliseconds
   * @param {(late: boolean) => void} late told 5 s after a sign of life was due, and when one has come
   * @param {() => void} dead told 10 s after it was due
   */
  constructor(heartbeat, late, dead) {
    this.#heartbeat = heartbeat
    this.#late = late
    this.#dead = dead
  }

  broken() {
    this.close()
    this.#late(false)
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#dead, DEAD_MILLIS - LATE_MILLIS)
      this.#late(true)
    }, this.#heartbeat + LATE_MILLIS)
  }

  close() {
    clearTimeout(this.#timer)
  }
}
