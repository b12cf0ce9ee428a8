// Whether each message that was published arrived once, in order. Publishers number their messages: { p: who, n: 0, 1, … }.

export class Checker {
  #published = new Map() // publisher: numbers that were acknowledged
  #unknown = new Map() // publisher: numbers whose outcome is unknown
  #received = new Map() // publisher: numbers in the order they came
  gaps = 0
  #offset = ''
  reordered = 0

  published(p, n) {
    add(this.#published, p, n)
  }

  /** It may be there, once, or not. */
  unknown(p, n) {
    add(this.#unknown, p, n)
  }

  /** The `onMessage` of a subscription. */
  message = ({ p, n }, { offset }) => {
    add(this.#received, p, n)
    if (offset <= this.#offset) this.reordered++
    this.#offset = offset
  }

  /** Its `onGap`. */
  gap = () => this.gaps++

  get received() {
    return [...this.#received.values()].reduce((sum, all) => sum + all.length, 0)
  }

  get acknowledged() {
    return [...this.#published.values()].reduce((sum, all) => sum + all.length, 0)
  }

  /** Whether all that was acknowledged has come. */
  get isComplete() {
    return this.verdict().lost === 0
  }

  /** What was acknowledged and has not come, by publisher: the holes, as [first, last], and how far it came. */
  get missing() {
    return [...this.#published].map(([p, acknowledged]) => {
      const received = this.#received.get(p) ?? []
      const seen = new Set(received)
      const holes = []
      for (const n of acknowledged.filter((n) => !seen.has(n)).sort((a, b) => a - b)) {
        if (holes.at(-1)?.[1] === n - 1) holes.at(-1)[1] = n
        else holes.push([n, n])
      }
      return { p, holes, newest: received.at(-1) }
    })
  }

  verdict() {
    let lost = 0
    let duplicated = 0
    let reordered = this.reordered
    let invented = 0
    for (const p of new Set([...this.#published.keys(), ...this.#received.keys()])) {
      const received = this.#received.get(p) ?? []
      const seen = new Set(received)
      const acknowledged = this.#published.get(p) ?? []
      const known = new Set([...acknowledged, ...(this.#unknown.get(p) ?? [])])
      duplicated += received.length - seen.size
      lost += acknowledged.filter((n) => !seen.has(n)).length
      invented += [...seen].filter((n) => !known.has(n)).length
      reordered += received.filter((n, i) => i > 0 && n < received[i - 1]).length
    }
    return { lost, duplicated, reordered, invented, gaps: this.gaps }
  }
}

export const CLEAN = { lost: 0, duplicated: 0, reordered: 0, invented: 0, gaps: 0 }

function add(map, key, value) {
  if (!map.has(key)) map.set(key, [])
  map.get(key).push(value)
}
