// Notices from here that nothing comes any more: the server says something at least every `heartbeat`.

const GRACE_MILLIS = 10_000

export class Silence {
  #client
  #host
  #onDead
  #onLate
  #timer

  /** @param {() => void} onDead called `heartbeat` and a little after the last sign of life, @param {() => void} [onLate] a little before */
  constructor(client, host, onDead, onLate) {
    this.#client = client
    this.#host = host
    this.#onDead = onDead
    this.#onLate = onLate
  }

  broken() {
    this.close()
    this.#host?.late(false)
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#onDead, GRACE_MILLIS)
      this.#host?.late(true)
      this.#onLate?.()
    }, this.#client.options.heartbeat)
  }

  close() {
    clearTimeout(this.#timer)
  }
}
