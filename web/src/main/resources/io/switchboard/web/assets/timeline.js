// Messages on a line of time: a lane for what is published, and one for each way to read it. In each lane a stroke leads
// from the moment a message was published to the moment it arrived; what has not arrived yet grows until it has.
const FRAME_MILLIS = 50
const CALM_MILLIS = 1_000
const STROKES_MAX = 1_500 // in a lane; with more messages, every second is drawn, or every third
const ROWS = 5
const LANE = { wide: 44, narrow: 40 }
const AXIS = 22
const GAP = 8

/**
 * What of a lane is to be seen: everything that ended after `from`, thinned to `most`.
 *
 * @param {{ at: number }[]} all oldest first
 * @returns {{ seen: { at: number }[], every: number }} every how manieth is kept
 */
export function visible(all, from, most = STROKES_MAX) {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (all[middle].at < from) low = middle + 1
    else high = middle
  }
  const every = Math.max(1, Math.ceil((all.length - low) / most))
  // By number, so that the same ones are kept from frame to frame.
  return { seen: all.slice(low).filter(({ n }) => n % every === 0), every }
}

export class Timeline {
  seconds = 30
  /** Told every how manieth message is drawn, when that changes. */
  onThinned = () => undefined
  #canvas
  #published
  #lanes
  #now
  #colours
  #every = 1
  #drawnAt = 0

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => { at: number, n: number }[]} published
   * @param {{ name: string, hue: string, arrivals: () => object[], waiting: () => object[], breaks: () => object[], asked: () => number[] }[]} lanes
   * @param {() => number} now milliseconds since 1970
   */
  constructor(canvas, published, lanes, now) {
    this.#canvas = canvas
    this.#published = published
    this.#lanes = lanes
    this.#now = now
    new ResizeObserver(() => this.#fit()).observe(canvas)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (this.#colours = undefined))
    const calm = matchMedia('(prefers-reduced-motion: reduce)')
    const turn = (at) => {
      const due = calm.matches ? CALM_MILLIS : FRAME_MILLIS
      if (at - this.#drawnAt >= due - 4) {
        this.#drawnAt = at
        this.#draw()
      }
      requestAnimationFrame(turn)
    }
    requestAnimationFrame(turn)
  }

  get #narrow() {
    return this.#canvas.clientWidth < 640
  }

  #fit() {
    const canvas = this.#canvas
    const lane = this.#narrow ? LANE.narrow : LANE.wide
    canvas.style.height = `${(this.#lanes.length + 1) * (lane + GAP) + AXIS}px`
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio)
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio)
    this.#draw()
  }

  #draw() {
    const canvas = this.#canvas
    const context = canvas.getContext('2d')
    const colours = (this.#colours ??= this.#read())
    const ratio = devicePixelRatio
    const width = canvas.width / ratio
    const narrow = this.#narrow
    const left = narrow ? 0 : 92
    const right = width - 10
    const now = this.#now()
    const from = now - this.seconds * 1_000
    const x = (at) => left + ((at - from) / (now - from)) * (right - left)
    const lane = narrow ? LANE.narrow : LANE.wide
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, canvas.height / ratio)
    context.font = colours.font
    this.#axis(context, colours, { x, now, left, right, bottom: (this.#lanes.length + 1) * (lane + GAP) })
    const place = (i) => ({ top: i * (lane + GAP), left, right, lane, narrow, x, from, now })
    const { seen, every } = visible(this.#published(), from)
    this.#name(context, colours, 'Published', colours.ink, place(0))
    context.fillStyle = colours.ink
    const height = this.#rows(place(0))
    for (const { at, n } of seen) dot(context, x(at), height(n), 2)
    this.#lanes.forEach((each, i) => this.#lane(context, colours, each, place(i + 1), every))
    if (every !== this.#every) {
      this.#every = every
      this.onThinned(every)
    }
  }

  // Messages that are near in time lie in different rows; under the name, if that stands in the lane.
  #rows({ top, lane, narrow }) {
    const first = top + (narrow ? 17 : 7)
    const step = (top + lane - 7 - first) / (ROWS - 1)
    return (n) => first + step * (n % ROWS)
  }

  #lane(context, colours, each, place, every) {
    const { top, left, right, lane, x, from, now } = place
    context.fillStyle = colours.sunk
    context.fillRect(left, top, right - left, lane)
    for (const { from: begun, to = now } of each.breaks()) {
      if (to < from) continue
      const begin = Math.max(left, x(begun))
      context.fillStyle = colours.warnSoft
      context.fillRect(begin, top, x(to) - begin, lane)
      context.fillStyle = colours.warn
      context.fillRect(begin, top, x(to) - begin, 2)
      if (x(to) - begin > 84) context.fillText('cut off', begin + 6, top + lane - 6)
    }
    const hue = colours[each.hue]
    const height = this.#rows(place)
    const arrived = visible(each.arrivals(), from, Infinity).seen.filter(({ n }) => n % every === 0)
    context.lineWidth = 2
    context.strokeStyle = hue
    context.globalAlpha = 0.38
    context.beginPath()
    for (const { at, millis, n } of arrived) stroke(context, Math.max(left, x(at - millis)), x(at), height(n))
    context.stroke()
    context.globalAlpha = 0.18
    context.beginPath()
    for (const { at, n } of each.waiting()) {
      if (n % every === 0 && at <= now) stroke(context, Math.max(left, x(at)), right, height(n))
    }
    context.stroke()
    context.globalAlpha = 1
    context.fillStyle = hue
    for (const { at, n } of arrived) dot(context, x(at), height(n), 2.4)
    context.fillStyle = colours.soft
    for (const at of each.asked()) if (at >= from) context.fillRect(x(at) - 0.5, top + lane - 4, 1, 4)
    this.#name(context, colours, each.name, hue, place)
  }

  #name(context, colours, name, hue, { top, lane, narrow }) {
    context.fillStyle = hue
    context.textAlign = 'left'
    if (narrow) context.fillText(name, 6, top + 11)
    else context.fillText(name, 0, top + lane / 2 + 4)
  }

  #axis(context, colours, { x, now, left, right, bottom }) {
    const step = this.seconds <= 10 ? 2 : this.seconds <= 30 ? 5 : 20
    context.fillStyle = colours.soft
    for (let back = 0; back <= this.seconds; back += step) {
      const at = x(now - back * 1_000)
      context.fillStyle = colours.line
      context.fillRect(Math.min(at, right - 1), 0, 1, bottom)
      context.fillStyle = colours.soft
      const label = back === 0 ? 'now' : `−${back} s`
      context.textAlign = back === 0 ? 'right' : at - left < 20 ? 'left' : 'center'
      context.fillText(label, at, bottom + 12)
    }
    context.textAlign = 'left'
  }

  #read() {
    const style = getComputedStyle(this.#canvas)
    const colour = (name) => style.getPropertyValue(`--${name}`).trim()
    return {
      ink: colour('ink'),
      soft: colour('soft'),
      line: colour('line'),
      sunk: colour('sunk'),
      warn: colour('warn'),
      warnSoft: colour('warn-soft'),
      font: `600 12px ${colour('sans')}`,
      ...Object.fromEntries(this.#lanes.map(({ hue }) => [hue, colour(hue)])),
    }
  }
}

function stroke(context, from, to, height) {
  context.moveTo(from, height)
  context.lineTo(Math.max(to, from + 0.5), height)
}

function dot(context, x, y, radius) {
  context.fillRect(x - radius, y - radius, radius * 2, radius * 2)
}
