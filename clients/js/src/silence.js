// Notices from here that nothing comes any more: the server says something at least every `heartbeat`.

const LATE_MILLIS = 5_000
const DEAD_MILLIS = 10_000

export class Silence {
  #client
  #host
  #onDead
  #onQuiet
  #timer

  /**
   * @param {() => void} onDead 10 s after a sign of life was due
   * @param {() => void} [onQuiet] when it is due; the host is told that it is late after 5 s
   */
  constructor(client, host, onDead, onQuiet) {
    this.#client = client
    this.#host = host
    this.#onDead = onDead
    this.#onQuiet = onQuiet
  }

  broken() {
    this.close()
    this.#host?.late(false)
    this.#after(this.#client.options.heartbeat, () => {
      this.#after(LATE_MILLIS, () => {
        this.#after(DEAD_MILLIS - LATE_MILLIS, this.#onDead)
        this.#host?.late(true)
      })
      this.#onQuiet?.()
    })
  }

  #after(millis, then) {
    this.#timer = setTimeout(then, millis)
  }

  close() {
    clearTimeout(this.#timer)
  }
}
