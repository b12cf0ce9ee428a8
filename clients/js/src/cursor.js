// Where a subscription stands: the offset behind the last message that was given (spec/clients.md, section 1).

export class Cursor {
  /** An offset, `-1` or `now`. */
  at

  constructor(from) {
    this.at = from
  }

  /** Whether it is an offset that a server gave. */
  get isKnown() {
    return this.at !== '-1' && this.at !== 'now'
  }

  /** Whether a message with this offset was given before. Offsets of a channel sort as text, and `-1` before them. */
  isBehind(offset) {
    return this.at !== 'now' && offset <= this.at
  }
}
