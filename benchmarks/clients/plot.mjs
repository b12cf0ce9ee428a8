// Draws what herd.mjs counted: a panel for each restart, one above the other, on the same axes.
const WIDTH = 860
const LEFT = 76
const RIGHT = 20
const TOP = 54
const PANEL = 150
const BETWEEN = 46
const BOTTOM = 46

// Both schemes bring their own ground, so the text can be read wherever the picture is put.
const STYLE = `
    svg { --ground: #fff; --ink: #1f2328; --faint: #d0d7de; --down: #f0f1f3; --attempts: #c2410c; --back: #0b62c4 }
    @media (prefers-color-scheme: dark) {
      svg { --ground: #12161c; --ink: #dde3ea; --faint: #39414b; --down: #20262e; --attempts: #ff9256; --back: #6cb2ff }
    }
    text { fill: var(--ink); font: 13px system-ui, sans-serif }
    .title { font-weight: 600 }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .grid { stroke: var(--faint); stroke-width: 1 }
    .ground { fill: var(--ground) }
    .down { fill: var(--down) }
    .attempts { fill: var(--attempts); fill-opacity: .45; stroke: var(--attempts); stroke-width: 1 }
    .back { fill: none; stroke: var(--back); stroke-width: 2; stroke-linejoin: round }`

/** The SVG of the results of `herd --json`. */
export function plot(results) {
  const { binMillis, clients } = results[0]
  const xMax = ceiling(Math.max(...results.map((each) => (each.attemptsByBin.length * binMillis) / 1_000)))
  const yMax = ceiling(Math.max(...results.map((each) => each.peakAttempts)))
  const height = TOP + results.length * (PANEL + BETWEEN) - BETWEEN + BOTTOM
  const x = (seconds) => round(LEFT + (seconds / xMax.end) * (WIDTH - LEFT - RIGHT))

  const panel = (each, index) => {
    const top = TOP + index * (PANEL + BETWEEN)
    const bottom = top + PANEL
    const y = (count) => round(bottom - (count / yMax.end) * PANEL)
    // Steps: a count holds for its whole bin.
    const begin = (bin) => x((bin * binMillis) / 1_000)
    const steps = (bins) => bins.map((count, i) => `${begin(i)},${y(count)} ${begin(i + 1)},${y(count)}`).join(' ')
    const end = begin(each.attemptsByBin.length)
    const down = round(x(each.listeningMillis / 1_000) - x(0))
    const horizontal = (tick) =>
      `<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}"/>` +
      `<text class="end" x="${LEFT - 8}" y="${round(y(tick) + 4)}">${number(tick)}</text>`
    const vertical = (tick) =>
      `<path class="grid" d="M${x(tick)} ${bottom}v5"/>` +
      `<text class="middle" x="${x(tick)}" y="${bottom + 18}">${tick}</text>`
    const most = `at most ${number(each.peakAttempts)} attempts in ${binMillis} ms`
    const all = `all back after ${each.back === clients ? (each.allMillis / 1_000).toFixed(1) + ' s' : 'more than 60 s'}`
    return [
      `<rect class="down" x="${LEFT}" y="${top}" width="${down}" height="${PANEL}"/>`,
      ...yMax.ticks.map(horizontal),
      ...xMax.ticks.map(vertical),
      `<polygon class="attempts" points="${x(0)},${bottom} ${steps(each.attemptsByBin)} ${end},${bottom}"/>`,
      `<polyline class="back" points="${steps(each.backByBin)}"/>`,
      `<text class="title" x="${LEFT}" y="${top - 8}">${escaped(each.title)}</text>`,
      `<text class="end" x="${WIDTH - RIGHT}" y="${top - 8}">${most}; ${all}</text>`,
    ].join('\n  ')
  }

  const middle = TOP + (height - TOP - BOTTOM) / 2
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
  <title id="title">Attempts of ${number(clients)} clients to come back after a restart, over time</title>
  <style>${STYLE}
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}"/>
  <rect class="attempts" x="${LEFT}" y="12" width="22" height="10"/><text x="${LEFT + 30}" y="22">attempts due</text>
  <path class="back" d="M${LEFT + 190} 17h22"/><text x="${LEFT + 220}" y="22">clients back</text>
  <rect class="down" x="${LEFT + 330}" y="11" width="22" height="12"/>
  <text x="${LEFT + 360}" y="22">no server takes connections</text>
  <text class="middle" transform="translate(16 ${middle}) rotate(-90)">in each ${binMillis} ms, of ${number(clients)} clients</text>
  ${results.map(panel).join('\n  ')}
  <text class="middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 8}">seconds since the signal that ended the server</text>
</svg>
`
}

// An axis to a round number, with four to ten ticks.
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [0.1, 0.2, 0.5, 1, 2].map((part) => part * power).find((part) => value / part <= 6)
  const count = Math.ceil(value / step)
  return { end: count * step, ticks: Array.from({ length: count + 1 }, (_, i) => Number((i * step).toFixed(1))) }
}

const number = (value) => value.toLocaleString('en')
const round = (value) => Math.round(value * 10) / 10
const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
