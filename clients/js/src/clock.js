/** In milliseconds since 1970, and never backwards. */
export const now = () => Math.floor(performance.timeOrigin + performance.now())
