// When to come back (spec/clients.md, section 3). No clock and no random numbers of its own.

const FIRST_MILLIS = 1_000
const CEILING_MILLIS = 30_000
const TOLD_MILLIS_MAX = 300_000

/** A connection that held so long after it was proven: the next loss is a first one. */
export const STABLE_MILLIS = 10_000

/**
 * How many milliseconds to stay away.
 *
 * @param {number} attempt how many failed since the last stable connection, from 0
 * @param {number} random from [0, 1)
 * @param {{ millis?: number, seconds?: number }} [told] by the server: to the millisecond, or by `Retry-After`
 */
export function delay(attempt, random, told) {
  if (told?.millis >= 0) return Math.min(TOLD_MILLIS_MAX, Math.floor(told.millis))
  // Everybody gets the same whole number, so it is spread over a second.
  if (told?.seconds >= 0) return Math.min(TOLD_MILLIS_MAX, told.seconds * 1_000) + Math.floor(random * 1_000)
  return Math.floor(random * Math.min(CEILING_MILLIS, FIRST_MILLIS * 2 ** attempt))
}
