/** Resolves after so many milliseconds, or at once when `signal` ends it. */
export const pause = (millis, signal) =>
  new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, millis)
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })
