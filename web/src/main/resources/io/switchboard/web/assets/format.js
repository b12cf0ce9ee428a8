// Numbers as people read them. Every figure of the page goes through here, so that all of them round alike.

/** "0.8 ms", "12 ms", "1.20 s"; a dash for what was not measured. */
export function duration(millis) {
  if (millis === undefined) return '–'
  if (millis < 9.95) return `${millis.toFixed(1)} ms`
  if (millis < 999.5) return `${Math.round(millis)} ms`
  return `${(millis / 1000).toFixed(millis < 9995 ? 2 : 1)} s`
}

/** "312 B", "4.1 kB", "12.0 MB"; powers of ten, as networks count. */
export function bytes(count) {
  if (count === undefined) return '–'
  if (count < 999.5) return `${Math.round(count)} B`
  if (count < 999_950) return `${(count / 1e3).toFixed(1)} kB`
  return `${(count / 1e6).toFixed(1)} MB`
}

/** "200 / s", "1 every 5 s", "6 / min": how often, where a second may be too short. */
export function often(perSecond) {
  if (perSecond >= 1) return `${rate(perSecond)} / s`
  return perSecond < 0.2 ? `${rate(perSecond * 60)} / min` : `1 every ${rate(1 / perSecond)} s`
}

/** "12,345". */
export function count(number) {
  return number.toLocaleString('en')
}

/** "0", "0.25", "9.8", "129": how often something happens. */
export function rate(number) {
  return String(Number(number.toFixed(number < 1 ? 2 : number < 20 ? 1 : 0)))
}

/** "0.4 %", "12 %". */
export function percent(share) {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`
}

/** Processor time a second: "85  µs / s", "1.2  ms / s"; two blanks before the unit. */
export function processor(share) {
  const micros = share * 1e6
  if (micros < 999.5) return `${micros < 9.95 ? micros.toFixed(1) : Math.round(micros)}  µs / s`
  return `${(micros / 1e3).toFixed(micros < 9_950 ? 1 : 0)}  ms / s`
}
