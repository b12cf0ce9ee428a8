const EARLY_MILLIS = 30_000

/** Tells of a token whether another is due: half-way from when it is first asked about to its end, at most 30 s before that. */
export function expiry() {
  let last
  let renewAt
  return (token) => {
    const now = Date.now()
    if (token !== last) {
      const left = endOf(token) - now
      renewAt = now + left - Math.min(EARLY_MILLIS, left / 2)
      last = token
    }
    return now >= renewAt
  }
}

// A token that is no JWT, or says no end, has none that is known.
function endOf(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp * 1_000 || Infinity
  } catch {
    return Infinity
  }
}
