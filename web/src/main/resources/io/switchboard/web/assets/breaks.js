// When a way to read was cut off, and for how long.
const BREAKS_MAX = 100

export class Breaks {
  /** Oldest first; the last one has no `to` while it lasts. @type {{ from: number, to?: number }[]} */
  all = []
  #wasLive = false

  /**
   * @param {string} kind of the line's state
   * @param {number} at milliseconds since 1970
   */
  became(kind, at) {
    const open = this.#open()
    if (kind === 'live') {
      if (open !== undefined) open.to = at
      this.#wasLive = true
    } else if (kind === 'paused' || kind === 'ended') {
      // Nobody was cut off who did not want to read.
      if (open !== undefined) this.all.pop()
      this.#wasLive = false
    } else if (this.#wasLive && open === undefined) {
      this.all.push({ from: at })
      if (this.all.length > BREAKS_MAX) this.all.shift()
    }
  }

  /** How long the last one lasted, or lasts; undefined if there was none. */
  lastMillis(now) {
    const last = this.all.at(-1)
    return last === undefined ? undefined : (last.to ?? now) - last.from
  }

  #open() {
    const last = this.all.at(-1)
    return last !== undefined && last.to === undefined ? last : undefined
  }
}
