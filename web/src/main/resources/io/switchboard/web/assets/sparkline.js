// Delays of the last minute as a line. The scale is logarithmic and the same for everybody, so that panels compare.
const WIDTH = 240
const HEIGHT = 72
const WINDOW_MILLIS = 60_000
const LEAST_MILLIS = 0.3
const MOST_MILLIS = 10_000
const DECADES = Math.log10(MOST_MILLIS / LEAST_MILLIS)

/** Where a delay lies, from the top. Also for the lines of the grid. */
export function heightOf(millis) {
  const clamped = Math.min(MOST_MILLIS, Math.max(LEAST_MILLIS, millis))
  return HEIGHT * (1 - Math.log10(clamped / LEAST_MILLIS) / DECADES)
}

/**
 * The line is interrupted where the connection was: what was not measured is not drawn.
 *
 * @param {{ at: number, millis: number, after?: boolean }[]} delays oldest first
 * @param {number} now
 * @returns {{ line: string, area: string }} path data
 */
export function paths(delays, now) {
  const runs = []
  for (const { at, millis, after } of thinned(delays, now)) {
    if (after || runs.length === 0) runs.push([])
    runs.at(-1).push([(WIDTH * (1 - (now - at) / WINDOW_MILLIS)).toFixed(1), heightOf(millis).toFixed(1)])
  }
  const lines = runs.map((points) => `M${points.map(([x, y]) => `${x} ${y}`).join('L')}`)
  const areas = runs.map((points, i) => `${lines[i]}L${points.at(-1)[0]} ${HEIGHT}L${points[0][0]} ${HEIGHT}Z`)
  return { line: lines.join(''), area: areas.join('') }
}

// Of those that fall on the same place only the highest: a minute at 200 a second has more than there are places.
function thinned(delays, now) {
  if (delays.length <= 2 * WIDTH) return delays
  const kept = []
  let column
  for (const delay of delays) {
    const place = Math.floor((WIDTH * (now - delay.at)) / WINDOW_MILLIS)
    if (place !== column || delay.after) kept.push(delay)
    else if (delay.millis > kept.at(-1).millis) kept[kept.length - 1] = { ...delay, after: kept.at(-1).after }
    column = place
  }
  return kept
}

/** Draws the lines of the grid, once. */
export function grid(svg) {
  for (const millis of [1, 10, 100, 1_000]) {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line')
    line.setAttribute('x1', '0')
    line.setAttribute('x2', String(WIDTH))
    line.setAttribute('y1', String(heightOf(millis)))
    line.setAttribute('y2', String(heightOf(millis)))
    line.setAttribute('class', 'grid')
    svg.prepend(line)
  }
}
