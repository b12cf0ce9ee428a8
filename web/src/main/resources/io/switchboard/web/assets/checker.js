// Whether a reader got every message once. Publishers number their messages from 0 without a hole, so a number that
// is too high means that some are missing, and one that was there before came twice.
const PUBLISHERS_MAX = 1_000

export class Checker {
  missed = 0
  duplicates = 0
  #next = new Map()

  /** The next message of `publisher` has to be number `n`. */
  expect(publisher, n) {
    this.#next.delete(publisher)
    this.#next.set(publisher, n)
    // Publishers that were silent longest go first; should one come back, it is taken as it comes.
    if (this.#next.size > PUBLISHERS_MAX) this.#next.delete(this.#next.keys().next().value)
  }

  /** Takes a message; a publisher not met before may begin anywhere. */
  take(publisher, n) {
    const expected = this.#next.get(publisher) ?? n
    if (n < expected) {
      this.duplicates++
      return
    }
    this.missed += n - expected
    this.expect(publisher, n + 1)
  }
}
