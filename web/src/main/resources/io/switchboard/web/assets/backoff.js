// When to come back. Everybody who lost the same server comes back at another moment: full jitter, 1 s doubling to 30 s.
const FIRST_MILLIS = 1_000
const MAX_MILLIS = 30_000
const STABLE_MILLIS = 5_000

export class Backoff {
  #failures = 0
  #random

  /** @param {() => number} random from 0 up to 1 */
  constructor(random = Math.random) {
    this.#random = random
  }

  /** A connection is over that had been up for so long; one that held ends the row of failures. */
  lasted(millis) {
    if (millis >= STABLE_MILLIS) this.#failures = 0
  }

  /** How long to wait now. */
  next() {
    const most = Math.min(MAX_MILLIS, FIRST_MILLIS * 2 ** this.#failures)
    this.#failures++
    return this.#random() * most
  }
}

/**
 * Resolves after `millis`, or sooner when `alarm` rings; rejects when `signal` aborts.
 *
 * @param {number} millis
 * @param {AbortSignal} signal
 * @param {EventTarget} [alarm] dispatches "ring"
 */
export function pause(millis, signal, alarm) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const over = new AbortController()
    const end = (finish, value) => {
      clearTimeout(timer)
      over.abort()
      finish(value)
    }
    const timer = setTimeout(() => end(resolve), Math.max(0, millis))
    signal.addEventListener('abort', () => end(reject, signal.reason), { signal: over.signal })
    alarm?.addEventListener('ring', () => end(resolve), { signal: over.signal })
  })
}
